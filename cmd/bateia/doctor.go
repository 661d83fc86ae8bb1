package main

import (
	"fmt"
	"os"
	"time"

	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

type doctorCommand struct{}

func (doctorCommand) Help() string {
	return `Checks Postgres and its schema, the object store, scratch, the scan of the bucket, every import that is held, failed or overdue, erasures, and the connections to Omie. Exits 1 when anything is wrong.

Examples:

  bateia doctor
  bateia doctor --json`
}

// overdueAfter is when an import that has not come to an end is worth a look,
// and scanLate how many pauses between scans may pass without one.
const (
	overdueAfter = 15 * time.Minute
	scanLate     = 10
)

// finding is what one check found, as JSON.
type finding struct {
	Check   string  `json:"check"`
	OK      bool    `json:"ok"`
	Message string  `json:"message"`
	Remedy  *string `json:"remedy"`
}

// Run checks everything.
func (c doctorCommand) Run(s *session) error {
	var found []finding
	err := s.open("doctor", func(a *app.App) error {
		found = append(found, s.good("postgres", "doctor_postgres"))
		found = append(found, s.checkStore(a), s.checkScratch(a))
		scan, err := s.checkScan(a)
		if err != nil {
			return err
		}
		found = append(found, scan...)
		imports, err := s.checkImports(a)
		if err != nil {
			return err
		}
		erasures, err := s.checkErasures(a)
		if err != nil {
			return err
		}
		connections, err := s.checkConnections(a)
		found = append(append(append(found, imports...), erasures...), connections...)
		return err
	})
	switch {
	case s.ctx.Err() != nil:
		return err
	case err != nil:
		f := finding{Check: "services", Message: err.Error(), Remedy: text(pipeline.HintOf(err))}
		if f.Remedy == nil {
			f.Remedy = text(s.words.Say("doctor_services"))
		}
		found = append(found, f)
	}
	wrong := false
	for _, f := range found {
		wrong = wrong || !f.OK
	}
	if err := s.showFindings(found, !wrong); err != nil {
		return err
	}
	if wrong {
		return exit(exitFailed)
	}
	return nil
}

func (s *session) showFindings(found []finding, ok bool) error {
	if s.out.JSON {
		return s.out.Document(map[string]any{"ok": ok, "checks": found})
	}
	for _, f := range found {
		mark := "✓"
		if !f.OK {
			mark = "✗"
		}
		s.out.Printf("%s %s: %s\n", mark, f.Check, f.Message)
		if f.Remedy != nil {
			s.out.Printf("  %s\n", s.words.Say("remedy", "text", *f.Remedy))
		}
	}
	return nil
}

func (s *session) good(check, key string, pairs ...any) finding {
	return finding{Check: check, OK: true, Message: s.words.Say(key, pairs...)}
}

func (s *session) checkStore(a *app.App) finding {
	caps, err := a.Store.Probe(s.ctx)
	switch {
	case err != nil:
		return finding{Check: "object store", Message: err.Error(), Remedy: text(s.words.Say("doctor_store"))}
	case len(caps.Missing) > 0:
		f := finding{Check: "object store", Message: caps.Missing[0]}
		if len(caps.Missing) > 1 {
			f.Message = fmt.Sprint(caps.Missing)
		}
		return f
	}
	return s.good("object store", "doctor_store_ok", "bucket", a.Store.Bucket())
}

func (s *session) checkScratch(a *app.App) finding {
	dir, err := os.MkdirTemp(a.ScratchDir(), "doctor-")
	if err == nil {
		err = os.Remove(dir)
	}
	if err != nil {
		return finding{Check: "scratch", Message: err.Error(), Remedy: text(s.words.Say("doctor_scratch"))}
	}
	return s.good("scratch", "doctor_scratch_ok", "dir", a.ScratchDir())
}

// checkScan looks whether drops are found. Without a stack that stays, nobody
// scans, and nobody should.
func (s *session) checkScan(a *app.App) ([]finding, error) {
	if a.Stack != nil && !a.Stack.HasWorker() {
		return nil, nil
	}
	began, err := a.DB.LastScan(s.ctx, a.Store.Bucket())
	if err != nil {
		return nil, err
	}
	if began.IsZero() {
		return []finding{{Check: "scan", Message: s.words.Say("doctor_no_scan"), Remedy: text(s.words.Say("doctor_worker"))}}, nil
	}
	age := s.clock().Sub(began)
	if age > scanLate*a.ScanEvery()+time.Minute {
		return []finding{{Check: "scan", Message: s.words.Say("doctor_scan_late", "age", age.Round(time.Second)), Remedy: text(s.words.Say("doctor_worker"))}}, nil
	}
	return []finding{s.good("scan", "doctor_scan_ok", "age", age.Round(time.Second))}, nil
}

// checkImports names what is held, failed or overdue.
func (s *session) checkImports(a *app.App) ([]finding, error) {
	list, err := a.DB.ReadAttention(s.ctx, overdueAfter)
	if err != nil {
		return nil, err
	}
	var out []finding
	for _, i := range list {
		f := finding{Check: "import " + i.ID.String()}
		what := s.words.Say("state_" + string(i.State))
		switch {
		case i.Held:
			what = s.words.Say("held")
			f.Remedy = text(s.words.Say("doctor_held", "id", i.ID))
		case i.State == schemas.Failed:
			f.Remedy = text(schemas.Remedy(i.Code, s.words.Locale))
		default:
			what = s.words.Say("doctor_overdue", "state", what, "age", s.clock().Sub(i.CreatedAt).Round(time.Minute))
			f.Remedy = text(s.words.Say("doctor_worker"))
		}
		if i.Code != "" {
			what += ", " + i.Code
		}
		f.Message = fmt.Sprintf("%s (%s): %s", i.FileName, i.Account.Slug, what)
		out = append(out, f)
	}
	if len(list) == 0 {
		out = append(out, s.good("imports", "doctor_imports_ok"))
	}
	return out, nil
}
