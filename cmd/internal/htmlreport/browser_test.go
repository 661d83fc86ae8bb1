package htmlreport

import (
	"bytes"
	"context"
	_ "embed"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	pages "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

//go:embed testdata/look.js
var lookJS string

// With -shots the pages, their pictures at each width and their PDF are kept, to
// be looked at.
var shots = flag.String("shots", "", "folder to put pictures of the reports in")

// browser starts a real one, which lives as long as the test.
func browser(t *testing.T) context.Context {
	t.Helper()
	var errs bytes.Buffer
	find := exec.CommandContext(t.Context(), "sh", filepath.Join("..", "..", "..", "scripts", "ensure-chromium.sh"))
	find.Stderr = &errs
	path, err := find.Output()
	if err != nil {
		t.Fatalf("no browser to look at reports with (%v); scripts/ensure-chromium.sh says:\n%s", err, errs.String())
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(strings.TrimSpace(string(path))),
		chromedp.NoSandbox, chromedp.DisableGPU) // without sandbox: root may have none
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start browser: %v", err)
	}
	return ctx
}

// tab is a page in the browser, and what it complained of.
type tab struct {
	ctx context.Context
	url string

	mu    sync.Mutex
	heard []string
}

// open shows a page from a file, as from an attachment.
func open(t *testing.T, browser context.Context, html string) *tab {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(file, []byte(html), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	tab := &tab{ctx: ctx, url: "file://" + file}
	err := chromedp.Listen(ctx, func(event any) {
		tab.mu.Lock()
		defer tab.mu.Unlock()
		switch e := event.(type) {
		case *log.EventEntryAdded:
			tab.heard = append(tab.heard, string(e.Entry.Source)+": "+e.Entry.Text)
		case *runtime.EventConsoleAPICalled:
			tab.heard = append(tab.heard, "console was called")
		case *runtime.EventExceptionThrown:
			tab.heard = append(tab.heard, e.ExceptionDetails.Text)
		case *pages.EventJavascriptDialogOpening:
			tab.heard = append(tab.heard, "a dialog: "+e.Message)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

func (tab *tab) do(t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(tab.ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

func (tab *tab) emulate(t *testing.T, media, scheme string) {
	t.Helper()
	_, err := chromedp.Call(tab.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: media,
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	if err != nil {
		t.Fatal(err)
	}
}

// look reports what is wrong with the page as it is drawn now.
func (tab *tab) look(t *testing.T, how string) {
	t.Helper()
	wrong, err := chromedp.Run(tab.ctx, chromedp.Evaluate[[]string](lookJS))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range wrong {
		t.Errorf("%s: %s", how, w)
	}
	for _, h := range tab.said() {
		t.Errorf("%s: the browser says %s", how, h)
	}
}

// said returns what the browser complained of since it was asked last.
func (tab *tab) said() []string {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	list := tab.heard
	tab.heard = nil
	return list
}

// A4 in CSS pixels, without the margins of the style sheet.
const paperWidth, paperHeight = 680, 1000

func TestReportsInABrowser(t *testing.T) {
	t.Parallel()
	browser, w := browser(t), newWorld(t, 1, 40)
	odd := request(30)
	odd.Locale, odd.Import = "es", w.id(t, "<script>")
	for name, html := range map[string]string{
		"period":   w.html(t, request(30)),
		"long":     w.html(t, request(700)),
		"quarter":  w.html(t, with(request(90), "en", "")),
		"import":   w.html(t, with(request(30), "en", w.id(t, "feira-12-11"))),
		"odd":      w.html(t, odd),
		"ready":    w.html(t, with(request(30), "pt-BR", w.id(t, "compradores"))),
		"rejected": w.html(t, with(request(30), "es", w.id(t, "fornecedores"))),
		"undone":   w.html(t, with(request(30), "en", w.id(t, "lista antiga"))),
		"empty":    w.html(t, Request{Accounts: []string{"_unassigned"}, Now: testNow, Since: request(1).Since}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tab := open(t, browser, html)
			for _, width := range []int64{1280, 400} {
				tab.do(t, chromedp.EmulateViewport(width, 900))
				tab.emulate(t, "screen", "light")
				tab.do(t, chromedp.Navigate(tab.url))
				tab.look(t, strconv.FormatInt(width, 10))
				tab.keep(t, name+"-"+strconv.FormatInt(width, 10))
				tab.emulate(t, "screen", "dark")
				tab.look(t, strconv.FormatInt(width, 10)+" dark")
				if width == 1280 {
					tab.keep(t, name+"-dark")
				}
			}
			tab.do(t, chromedp.EmulateViewport(paperWidth, paperHeight))
			tab.emulate(t, "print", "light")
			tab.look(t, "printed")
			tab.print(t, name, html)
		})
	}
}

func with(q Request, locale, id string) Request {
	q.Locale, q.Import = locale, id
	return q
}

// keep takes a picture when pictures are wanted.
func (tab *tab) keep(t *testing.T, name string) {
	t.Helper()
	if *shots == "" {
		return
	}
	picture, err := chromedp.Run(tab.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(*shots, name+".png"), picture, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (tab *tab) print(t *testing.T, name, html string) {
	t.Helper()
	if *shots == "" {
		return
	}
	yes := true
	pdf, err := chromedp.Run(tab.ctx, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4), chromedp.PDFPrintBackground(),
		func(p *pages.PrintToPDFParams) { p.PreferCSSPageSize = &yes }))
	if err == nil {
		err = os.WriteFile(filepath.Join(*shots, name+".pdf"), pdf, 0o644)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(*shots, name+".html"), []byte(html), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// What the test of the reports would not notice would prove nothing.
func TestBrowserComplains(t *testing.T) {
	t.Parallel()
	browser := browser(t)
	css, policy := style()
	wrong := `<!doctype html><html lang="en"><head><meta http-equiv="Content-Security-Policy" content="` + policy + `"><style>` + string(css) + `</style></head><body>
<script>document.title = "ran"</script><div class="page"><p><span style="color:red">too</span></p>
<p class="note" id="pale">pale</p><pre>` + strings.Repeat("wide ", 400) + `</pre>
<figure><svg class="chart wide" role="img" aria-labelledby="t" viewBox="0 0 800 200"><title id="t">t</title><text x="10" y="50">one label</text><text x="20" y="52">another one</text></svg></figure></div></body></html>`
	tab := open(t, browser, wrong)
	tab.do(t, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(tab.url))
	found, err := chromedp.Run(tab.ctx, chromedp.Evaluate[[]string](lookJS))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(found, "\n")
	for _, want := range []string{"the page is", "leaves the page", "overlap", "there is a SCRIPT", "has style="} {
		if !strings.Contains(text, want) {
			t.Errorf("%q was not noticed:\n%s", want, text)
		}
	}
	if heard := strings.Join(tab.said(), "\n"); !strings.Contains(heard, "inline script") || !strings.Contains(heard, "inline style") {
		t.Errorf("what the policy forbids was not heard: %q", heard)
	}
	title, err := chromedp.Run(tab.ctx, chromedp.Title())
	if err != nil || title == "ran" {
		t.Errorf("the script ran: %q, %v", title, err)
	}
}
