package htmlreport

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed templates/report.css
var styleSheet string

// page is what the templates are given.
type page struct {
	Lang     string
	Title    string
	Heading  string
	Sub      string
	Made     string
	CSS      template.CSS
	Policy   string
	Patterns []string // of fills that are more than a color
	Accounts []periodView
	Import   *importView
}

// style returns the style sheet and the policy that allows it and nothing else: no
// script, no image, no request whatever the texts of the page try.
var style = sync.OnceValues(func() (template.CSS, string) {
	sum := sha256.Sum256([]byte(styleSheet))
	return template.CSS(styleSheet), "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action 'none'"
})

// templates are part of the program, and a test writes with them: one that cannot
// be read is a bug.
var templates = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page.html").Funcs(functions(speaker{})).ParseFS(templateFiles, "templates/*.html"))
})

func functions(s speaker) template.FuncMap {
	return template.FuncMap{
		"say": s.say,
		"px":  px,
		// table is what the templates of parts of tables are given.
		"pair":  func(a, b any) [2]any { return [2]any{a, b} },
		"lower": strings.ToLower,
	}
}

// Write writes the page.
func (r Report) Write(w io.Writer) error {
	t, err := templates().Clone()
	if err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	if err := t.Funcs(functions(speak(r.Locale))).Execute(w, r.page); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

func (b base) periodReport(q Request) (Report, error) {
	accounts, err := b.accounts(q.Accounts)
	if err != nil {
		return Report{}, err
	}
	locale := q.Locale
	if locale == "" {
		locale = accounts[0].Locale
	}
	s := speak(locale)
	out := Report{Locale: s.Locale, Until: q.Now}
	p := s.page()
	for _, a := range accounts {
		d, err := b.periodOf(q, a)
		if err != nil {
			return Report{}, err
		}
		out.Accounts = append(out.Accounts, a.Slug)
		if out.From.IsZero() || d.period.first.Before(out.From) {
			out.From = d.period.first
		}
		p.Accounts = append(p.Accounts, s.period(q, d))
	}
	first := p.Accounts[0]
	p.Heading = s.say("heading", "span", first.Span)
	p.Sub = s.say("sub", "accounts", strings.Join(out.Accounts, ", "))
	p.Title = s.say("heading", "span", first.Span) + " · " + strings.Join(out.Accounts, ", ")
	p.Made = s.made(q.Now, accounts[0].Location())
	out.page = p
	return out, nil
}

func (s speaker) page() page {
	css, policy := style()
	return page{Lang: s.Locale, CSS: css, Policy: policy, Patterns: []string{"duplicate", "skipped", "conflict", "rejected"}}
}

func (s speaker) made(now time.Time, zone *time.Location) string {
	return s.say("made", "when", s.moment(now.In(zone)), "zone", zone.String())
}

func (b base) importReport(q Request) (Report, error) {
	rows, err := load[importRow](b, "import", q.Import)
	if err != nil {
		return Report{}, err
	}
	if len(rows) == 0 {
		return Report{}, fmt.Errorf("import %s: %w", q.Import, postgres.ErrNotFound)
	}
	i := rows[0]
	accounts, err := b.accounts([]string{i.Account})
	if err != nil {
		return Report{}, errors.Join(postgres.ErrNotFound, err)
	}
	locale := q.Locale
	if locale == "" {
		locale = accounts[0].Locale
	}
	s, zone := speak(locale), accounts[0].Location()
	v, err := b.importView(s, i, zone)
	if err != nil {
		return Report{}, err
	}
	p := s.page()
	p.Import, p.Title, p.Heading = &v, s.say("import_title", "name", short(v.Name, nameLength)), short(v.Name, 2*nameLength)
	p.Sub = s.say("import_sub", "id", i.ID, "account", i.Account)
	p.Made = s.made(q.Now, zone)
	return Report{Locale: s.Locale, Accounts: []string{i.Account}, From: i.CreatedAt, Until: q.Now, page: p}, nil
}

func (b base) importView(s speaker, i importRow, zone *time.Location) (v importView, err error) {
	v = importView{ID: i.ID, Name: s.name(i), State: s.state(i), Trouble: i.trouble(), Facts: s.facts(i, zone), Next: s.next(i)}
	state := schemas.State(i.State)
	v.Planned, v.Undone = state == schemas.Ready || state == schemas.Applying || state == schemas.Planning, state == schemas.Undone
	if i.Code != "" {
		v.Code, v.Message, v.Remedy = i.Code, schemas.Sentence(i.Code, s.Locale), schemas.Remedy(i.Code, s.Locale)
	}
	if i.Read > 0 {
		v.Figures, v.Steps, v.Outcomes = s.importFigures(i), s.funnel(i), s.layers(i.ledger)
		classes := make([]string, len(v.Outcomes))
		for n, layer := range v.Outcomes {
			classes[n] = layer.Class
		}
		v.Whole = stacked(classes, i.counts())
	}
	v.Lead, v.Places = s.importLead(i), s.say("p_causes_one")
	if i.Kind == "omie" {
		v.Places = s.say("p_causes_omie")
	}
	causes, err := load[causeRow](b, "causes", []string{i.ID})
	if err != nil {
		return v, err
	}
	v.Causes = s.causes(causes, i.Kind)
	if refused := i.Rejected + i.Skipped + i.Conflict; refused > 0 && len(causes) == 0 {
		v.Unwritten = s.say("unwritten", "rows", refused, "id", i.ID)
	}
	codes, err := load[codeRow](b, "codes", i.ID)
	if err != nil {
		return v, err
	}
	for _, c := range codes[:min(len(codes), codesShown)] {
		v.Warnings = append(v.Warnings, warningView{Code: c.Code, Sentence: schemas.Sentence(c.Code, s.Locale), Count: s.Number(c.Rows)})
	}
	columns, err := load[columnRow](b, "columns", i.ID)
	if err != nil {
		return v, err
	}
	v.Columns = s.columns(columns, i.Read)
	stages, err := load[importStageRow](b, "import_stages", i.ID)
	if err != nil {
		return v, err
	}
	slices.SortStableFunc(stages, func(a, b importStageRow) int { return a.StartedAt.Compare(b.StartedAt) })
	v.Stages = s.importStages(stages)
	return v, nil
}

// importLead says in a sentence what became of the import.
func (s speaker) importLead(i importRow) string {
	state := schemas.State(i.State)
	switch {
	case i.Kind == "manual":
		return s.say("lead_decision", "created", i.NewOnes, "updated", i.Changed, "merged", i.Merged)
	case state == schemas.Undone:
		return s.say("lead_undone", "rows", i.Read)
	case state == schemas.Applied && i.Read == 0:
		return s.say("lead_no_rows")
	case state == schemas.Applied && i.Rejected == 0:
		return s.say("lead_import_clean", "rows", i.Read, "created", i.NewOnes, "updated", i.Changed)
	case state == schemas.Applied:
		return s.say("lead_import", "rows", i.Read, "created", i.NewOnes, "updated", i.Changed, "refused", i.Rejected, "share", s.percent(i.Rejected, i.Read))
	case state == schemas.Ready && i.Read > 0:
		return s.say("lead_ready", "rows", i.Read, "created", i.NewOnes, "refused", i.Rejected)
	case state == schemas.Rejected, state == schemas.Failed, state == schemas.Canceled:
		return s.say("lead_lost")
	}
	return s.say("lead_open")
}
