// What is wrong with the page as it is drawn now, as a list of sentences.
(() => {
  const wrong = [];
  const round = r => [r.left, r.top, r.right, r.bottom].map(x => Math.round(x)).join(" ");
  const short = e => (e.textContent || "").trim().slice(0, 40) || e.tagName;
  const shown = e => e.checkVisibility() && !e.closest(".off, .defs") && getComputedStyle(e.closest("thead") || e).clipPath === "none";
  const width = document.documentElement.clientWidth;
  const print = matchMedia("print").matches;

  if (document.documentElement.scrollWidth > width)
    wrong.push(`the page is ${document.documentElement.scrollWidth} wide on ${width}`);

  // Text: within the page, or in something that scrolls by itself; not cut off.
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) {
    const node = walker.currentNode, parent = node.parentElement;
    if (!node.data.trim() || !shown(parent) || parent.closest("svg title, svg desc")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    texts.push([node, parent]);
    for (const r of range.getClientRects()) {
      if (r.width && (print || !parent.closest(".scroll")) && (r.right > width + 0.5 || r.left < -0.5))
        wrong.push(`“${short(parent)}” leaves the page: ${round(r)}`);
    }
  }
  for (const e of document.querySelectorAll(".page *")) {
    if (!shown(e) || e.closest("svg") || e.matches(".scroll") && !print) continue;
    const style = getComputedStyle(e);
    if (style.overflowX !== "visible" && e.scrollWidth > e.clientWidth + 1) wrong.push(`“${short(e)}” is cut off`);
  }

  // Charts: no two labels in one place, none outside; one of the widths is shown.
  for (const figure of document.querySelectorAll("figure")) {
    const charts = [...figure.querySelectorAll("svg.chart")].filter(shown);
    if (charts.length !== 1) wrong.push(`${charts.length} widths of a chart are shown`);
  }
  for (const svg of document.querySelectorAll("svg.chart")) {
    if (!shown(svg)) continue;
    const outer = svg.getBoundingClientRect();
    const labels = [...svg.querySelectorAll("text")].map(t => [t, t.getBoundingClientRect()]);
    labels.forEach(([t, a], i) => {
      if (a.left < outer.left - 1 || a.right > outer.right + 1 || a.top < outer.top - 1 || a.bottom > outer.bottom + 1)
        wrong.push(`label “${t.textContent}” leaves its chart`);
      for (const [u, b] of labels.slice(i + 1))
        if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
          wrong.push(`labels “${t.textContent}” and “${u.textContent}” overlap: ${round(a)}, ${round(b)}`);
    });
    if (svg.getAttribute("role") !== "img" || !document.getElementById(svg.getAttribute("aria-labelledby").split(" ")[0]))
      wrong.push("a chart has no name");
  }

  // Contrast of all text with what is behind it.
  const canvas = c => { const m = c.match(/[\d.]+/g).map(Number); return { rgb: m.slice(0, 3), a: m.length > 3 ? m[3] : 1 }; };
  const light = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = e => { for (; e; e = e.parentElement) { const c = canvas(getComputedStyle(e).backgroundColor); if (c.a > 0) return c.rgb; } return [255, 255, 255]; };
  const said = new Set();
  for (const [node, parent] of texts) {
    const style = getComputedStyle(parent);
    const ink = light(canvas(parent.closest("svg") ? style.fill : style.color).rgb), paper = light(behind(parent));
    const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    const key = parent.tagName + parent.className;
    if (ratio < 4.5 && !said.has(key)) { said.add(key); wrong.push(`“${short(parent)}” has a contrast of ${ratio.toFixed(2)}`); }
  }

  // Nothing of what names of files and columns tried became part of the page.
  for (const e of document.querySelectorAll("script, img, iframe, object, embed, link, base, form, foreignObject")) wrong.push(`there is a ${e.tagName}`);
  for (const e of document.querySelectorAll("*"))
    for (const a of e.attributes)
      if (/^on|^style$|^href$|^src$/.test(a.name) || /javascript:/i.test(a.value) && !/^(title|data-)/.test(a.name)) wrong.push(`${e.tagName} has ${a.name}="${a.value}"`);
  const ids = [...document.querySelectorAll("[id]")].map(e => e.id);
  if (new Set(ids).size !== ids.length) wrong.push("an id is there twice");
  if (getComputedStyle(document.querySelector(".page")).paddingTop === "" || !document.styleSheets.length) wrong.push("there is no style sheet");
  if (print && [...document.querySelectorAll("thead")].some(e => shown(e) && !e.matches(".off") && getComputedStyle(e).display !== "table-header-group"))
    wrong.push("a table's heading is not repeated");
  for (const t of document.querySelectorAll("table")) if (!t.caption || !t.caption.textContent.trim()) wrong.push("a table has no caption");
  return wrong.slice(0, 20);
})()
