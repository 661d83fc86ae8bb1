package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/objstore"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

type importCommand struct {
	Files []string `arg:"" name:"file" help:"Files, or objects as s3://bucket/key."`
	List  string   `help:"List the prospects go on." placeholder:"LIST"`
	Tag   []string `help:"Tag the prospects get; may be repeated." placeholder:"TAG" sep:"none"`
	requestFlags
	Unattended bool `help:"Hold the import, as a drop is, when it would refuse more rows than the account allows; exit code 6."`
	NoWait     bool `help:"Register the import and return; a worker has to run."`
}

// requestFlags say how a file is read and what may be done with its rows.
type requestFlags struct {
	Mapping  string   `help:"Mapping file." placeholder:"FILE" type:"path"`
	Map      []string `help:"Field of a column, such as 'Fone=phone'; may be repeated." placeholder:"COL=FIELD" sep:"none"`
	Set      []string `help:"Value of a field for every row, such as source=Feira; may be repeated." placeholder:"FIELD=VALUE" sep:"none"`
	Mode     string   `help:"upsert (default), insert (a match is skipped) or update (no match is skipped)." enum:",upsert,insert,update" default:"" placeholder:"MODE"`
	Option   []string `help:"Option of the mapping file, such as default_area_code=51; may be repeated." placeholder:"K=V" sep:"none"`
	PlanOnly bool     `help:"Stop before anything is written; go on with “bateia apply”."`
}

func (importCommand) Help() string {
	return `Every call is a new import, also of a file that was imported before. A local file is put into the bucket first.

Examples:

  bateia import leads.csv
  bateia import leads.csv --list feira --tag feira-2024 --set source=Feira
  bateia import leads.csv --map 'Fone do cliente=phone' --option default_area_code=51
  bateia import leads.csv --plan-only && bateia plan last --rows && bateia apply last
  bateia import s3://bateia/uploads/default/leads.csv --json

` + exitHelp
}

// request turns the flags into what is asked of the import.
func (f requestFlags) request() (schemas.Mapping, error) {
	var m schemas.Mapping
	if f.Mapping != "" {
		text, err := os.ReadFile(f.Mapping)
		if err != nil {
			return m, fmt.Errorf("read mapping: %w", err)
		}
		if m, err = schemas.ParseMapping(text); err != nil {
			return m, fmt.Errorf("%s: %w", f.Mapping, err)
		}
	}
	over, err := app.FlagMapping(f.Map, f.Set, f.Option, f.Mode)
	if err != nil {
		return m, err
	}
	m = m.Override(over)
	m.Options.PlanOnly = m.Options.PlanOnly || f.PlanOnly
	return m, nil
}

// Run imports the files one after the other.
func (c importCommand) Run(s *session) error {
	mapping, err := c.request()
	if err != nil {
		return usage(err)
	}
	if c.List != "" {
		mapping.List = c.List
	}
	if len(c.Tag) > 0 {
		mapping.Tags = c.Tag
	}
	for _, name := range c.Files {
		if err := checkFile(name); err != nil {
			return err
		}
	}
	o := app.Options{Role: "import", AttachOnly: c.NoWait && s.config.Embedded()}
	return s.openWith(o, func(a *app.App) error {
		account, err := s.account(a)
		if err != nil {
			return err
		}
		if c.NoWait && a.Stack != nil && !a.Stack.HasWorker() {
			return usage(fmt.Errorf("the running stack belongs to another command, which ends with it: start “bateia up”, or leave out --no-wait"))
		}
		w := newWaiter(s, a, account)
		defer w.close()
		if !c.NoWait {
			if err := w.work(); err != nil {
				return err
			}
		}
		code := exitDone
		for _, name := range c.Files {
			one, err := c.one(s, a, w, account, name, mapping)
			if err != nil {
				if len(c.Files) == 1 || s.ctx.Err() != nil {
					return err
				}
				complain(s.out, s.words, err)
				one = exitCode(s.ctx, err)
			}
			code = worst(code, one)
		}
		return exit(code)
	})
}

// checkFile refuses what cannot be a file to import, before anything is started.
func checkFile(name string) error {
	if strings.HasPrefix(name, "s3://") {
		return nil
	}
	info, err := os.Stat(name)
	if err != nil {
		return usage(fmt.Errorf("open file: %w", err))
	}
	if !info.Mode().IsRegular() {
		return usage(fmt.Errorf("open file %s: not a regular file", name))
	}
	return nil
}

// one imports one file and returns the exit code that its end stands for.
func (c importCommand) one(s *session, a *app.App, w *waiter, account schemas.Account, name string, m schemas.Mapping) (int, error) {
	reg := postgres.Registration{
		RequestedBy: requester(), Request: schemas.Request{Mapping: m, Unattended: c.Unattended}, List: m.List,
	}
	var err error
	if strings.HasPrefix(name, "s3://") {
		err = c.object(s, a, &reg, name)
	} else {
		err = c.upload(s, a, w, account, &reg, name)
	}
	if err != nil {
		return 0, err
	}
	reg.Source = schemas.Source{Kind: "upload", Name: sourceName(m, reg.FileName)}
	id, err := a.Register(s.ctx, account, reg)
	if err != nil {
		return 0, err
	}
	if c.NoWait {
		return exitDone, s.registered(a, account, id, reg.FileName)
	}
	return w.wait(id, untilPlanned(m.Options.PlanOnly))
}

// sourceName is where the rows come from, for the history: the list, or the
// name of the file.
func sourceName(m schemas.Mapping, file string) string {
	if m.List != "" {
		return m.List
	}
	return file
}

func (s *session) registered(a *app.App, account schemas.Account, id schemas.ImportID, name string) error {
	if !s.out.JSON {
		s.out.Printf("%s\n", s.words.Say("registered", "file", name, "id", id))
		return nil
	}
	_, err := s.show(a, account, id)
	return err
}

// upload puts a local file under imports/, outside the prefix that is scanned.
// A file above the account's limit is refused before a byte is sent.
func (c importCommand) upload(s *session, a *app.App, w *waiter, account schemas.Account, reg *postgres.Registration, name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return fmt.Errorf("open file: %w", err)
	}
	reg.FileName = filepath.Base(name)
	if limit := account.Settings.WithDefaults().MaxFileSize; info.Size() > limit {
		return s.tooLarge(account, reg.FileName, info.Size(), limit)
	}
	if reg.ID, err = a.DB.NewImportID(s.ctx); err != nil {
		return err
	}
	key := fmt.Sprintf("imports/%s/%s/%s", account.Slug, reg.ID, objectName(reg.FileName))
	progress := func(done int64) {
		w.progress.Update(pipeline.Progress{Stage: "upload", Bytes: done, TotalBytes: info.Size()})
	}
	obj, err := a.Store.PutFile(s.ctx, key, name, objstore.PutOptions{ContentType: "text/csv"}, progress)
	if err != nil {
		return err
	}
	reg.Object = app.Pin(obj)
	return nil
}

// objectName is a file's name as a part of a key: what S3 clients stumble over
// becomes _.
func objectName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f || strings.ContainsRune(`\{}^%[]"<>~#|?*`+"`", r) || r == 0xfffd {
			return '_'
		}
		return r
	}, name)
	const most = 200 // bytes: a file system takes 255, and servers add to it
	if len(name) <= most {
		return name
	}
	ext := filepath.Ext(name)
	if len(ext) > 20 {
		ext = ""
	}
	return strings.ToValidUTF8(name[:most-len(ext)], "") + ext
}

// tooLarge is the end of an import that never begins.
func (s *session) tooLarge(account schemas.Account, name string, size, limit int64) error {
	const code = "FILE_TOO_LARGE"
	detail := s.words.Size(size) + " > " + s.words.Size(limit)
	if s.out.JSON {
		now := s.clock()
		doc := schemas.ImportDocument{Account: account.Slug, Source: schemas.Source{Kind: "upload", Name: name},
			RequestedBy: requester(), State: schemas.Rejected, Code: text(code), CreatedAt: now, FinishedAt: &now}
		doc.Explain(s.words.Locale, []schemas.FileIssue{{Code: code, Severity: schemas.SeverityError, Detail: detail}})
		if err := s.out.Document(doc); err != nil {
			return err
		}
		return exit(exitRejected)
	}
	args := schemas.Args{Detail: detail}
	s.out.Notef("%s: %s: %s", name, code, schemas.Sentence(code, s.words.Locale, args))
	s.out.Notef("  %s", s.words.Say("remedy", "text", schemas.Remedy(code, s.words.Locale, args)))
	return exit(exitRejected)
}

// object pins an object that is in the bucket already.
func (c importCommand) object(s *session, a *app.App, reg *postgres.Registration, address string) error {
	bucket, key, ok := strings.Cut(strings.TrimPrefix(address, "s3://"), "/")
	if !ok || key == "" || strings.HasSuffix(key, "/") {
		return usage(fmt.Errorf("%q: an object is named s3://bucket/key", address))
	}
	if bucket != a.Store.Bucket() {
		return usage(fmt.Errorf("%q: only objects of bucket %q can be imported", address, a.Store.Bucket()))
	}
	obj, err := a.Store.Head(s.ctx, key, "")
	if errors.Is(err, objstore.ErrNotFound) {
		return errNoSuch("object", address)
	}
	if err != nil {
		return err
	}
	reg.FileName, reg.Object = key[strings.LastIndex(key, "/")+1:], app.Pin(obj)
	return nil
}
