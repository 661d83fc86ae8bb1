package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/alecthomas/kong"

	"github.com/bateia/bateia/cmd/internal/config"
	"github.com/bateia/bateia/cmd/internal/terminal"
)

// flags are taken by every command.
type flags struct {
	Config   string `help:"Settings file (default: bateia.yaml when it is there)." placeholder:"FILE" type:"path"`
	DataDir  string `help:"Folder of the embedded stack, used without BATEIA_DATABASE_URL (default: .bateia)." placeholder:"DIR"`
	Account  slugs  `help:"Account; where several make sense, it may be repeated." placeholder:"SLUG"`
	Locale   string `help:"Language of messages: en, pt-BR or es (default: the account's)." placeholder:"L"`
	JSON     bool   `name:"json" help:"JSON on standard output: one document, or one a line."`
	LogLevel string `help:"debug, info, warn or error." placeholder:"LEVEL"`
}

// slugs are the values of a flag that was given once or several times, with commas
// between them. No slug has one.
type slugs string

// Decode implements kong.MapperValue.
func (s *slugs) Decode(ctx *kong.DecodeContext) error {
	var one string
	if err := ctx.Scan.PopValueInto("slug", &one); err != nil {
		return err
	}
	if *s != "" {
		one = string(*s) + "," + one
	}
	*s = slugs(one)
	return nil
}

// settings are the flags by the names that package config gives them.
func (f flags) settings() map[string]string {
	return map[string]string{"data_dir": f.DataDir, "account": string(f.Account), "locale": f.Locale, "log_level": f.LogLevel}
}

// commands is the whole program: what is not listed here does not exist.
type commands struct {
	flags

	Up      upCommand      `cmd:"" group:"operate" help:"Run everything here: Postgres, object store, worker."`
	Worker  workerCommand  `cmd:"" group:"operate" help:"Run a worker against a given Postgres and bucket."`
	Migrate migrateCommand `cmd:"" group:"operate" help:"Bring the database to this program's schema."`
	Doctor  doctorCommand  `cmd:"" group:"operate" help:"Check every dependency and all that is held, failed or overdue."`
	Config_ configCommand  `cmd:"" name:"config" group:"operate" help:"Print the effective settings, secrets masked."`
	Account accountCommand `cmd:"" group:"operate" help:"Make, change and list accounts."`
	Version versionCommand `cmd:"" group:"operate" help:"Print the version."`

	Import   importCommand   `cmd:"" group:"import" help:"Import files or objects."`
	Apply    applyCommand    `cmd:"" group:"import" help:"Write what was planned."`
	Cancel   cancelCommand   `cmd:"" group:"import" help:"Give up an import that is not written yet."`
	Undo     undoCommand     `cmd:"" group:"import" help:"Take back what an import wrote."`
	Redo     redoCommand     `cmd:"" group:"import" help:"Import the same file again with other settings, in the place of the first."`
	Replay   replayCommand   `cmd:"" group:"import" help:"Import refused rows that pass by now."`
	Imports  importsCommand  `cmd:"" group:"import" help:"List imports, newest first."`
	Show     showCommand     `cmd:"" group:"import" help:"Show one import."`
	Plan     planCommand     `cmd:"" group:"import" help:"Show what apply will do."`
	Issues   issuesCommand   `cmd:"" group:"import" help:"List what is wrong with rows and cells."`
	Feedback feedbackCommand `cmd:"" group:"import" help:"Write the refused rows as a file to correct."`

	Query    queryCommand    `cmd:"" group:"analyst" help:"Ask in SQL, or one of the ready questions."`
	Report   reportCommand   `cmd:"" group:"analyst" help:"Write what happened as one HTML page."`
	Snapshot snapshotCommand `cmd:"" group:"analyst" help:"Write all prospects as Parquet to the bucket."`
	Analyst  analystCommand  `cmd:"" group:"analyst" help:"Make, list and drop logins for SQL."`

	Omie omieCommand `cmd:"" group:"omie" help:"Read the customers of companies at the ERP Omie."`

	Preview  previewCommand  `cmd:"" group:"file" help:"Show how a file would be read; needs no database."`
	Clean    cleanCommand    `cmd:"" group:"file" help:"Rewrite any messy CSV as plain CSV; needs no database."`
	Identity identityCommand `cmd:"" group:"file" help:"Read phones, e-mails or documents; needs no database."`

	Prospects prospectsCommand `cmd:"" group:"prospect" help:"Export prospects."`
	Prospect  prospectCommand  `cmd:"" group:"prospect" help:"Show one prospect with all that is known of it."`
	Merge     mergeCommand     `cmd:"" group:"prospect" help:"Say that prospects are one."`
	Split     splitCommand     `cmd:"" group:"prospect" help:"Take leads out of a prospect: they are somebody else's."`
	Unmerge   unmergeCommand   `cmd:"" group:"prospect" help:"Give back a prospect that merged into another one."`

	Person personCommand `cmd:"" group:"privacy" help:"Export everything that is held about one person."`
	Erase  eraseCommand  `cmd:"" group:"privacy" help:"Remove a person everywhere, and keep them from coming back."`

	OmieSimulator omieSimulatorCommand `cmd:"" group:"omie" help:"Answer as Omie's API does, with invented customers; needs no database."`
}

const description = `Files of leads become prospects: CSV files dropped in object storage are read, checked, ` +
	`deduplicated and written to Postgres, and every row ends in one named outcome.

Without settings everything runs here, in the folder .bateia:

  bateia import leads.csv
  bateia prospects

` + exitHelp

// environment is the world of one run.
type environment struct {
	args     []string
	in       io.Reader
	out, err io.Writer
	getenv   func(string) string
}

// session is what a command works with.
type session struct {
	ctx    context.Context
	config config.Config
	flags  flags
	in     io.Reader
	out    terminal.Output
	words  terminal.Words
	clock  func() time.Time
	getenv func(string) string
	log    *slog.Logger
}

// run parses the command line, runs the command and returns the exit code.
func run(ctx context.Context, env environment) (code int) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stdout := &pipe{Writer: env.out, cancel: cancel}
	out := terminal.Output{Out: stdout, Err: env.err}
	words := terminal.Words{Locale: env.getenv("BATEIA_LOCALE")}
	fail := func(err error) int {
		if stdout.broken.Load() {
			return exitDone // whoever read has had enough
		}
		complain(out, words, err)
		return exitCode(ctx, err)
	}
	var grammar commands
	asked := &helpAsked{}
	parser, err := kong.New(&grammar, kong.Name("bateia"), kong.Description(description),
		kong.Writers(stdout, env.err), kong.Exit(asked.exit),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: false, WrapUpperBound: 100}),
		kong.ExplicitGroups([]kong.Group{
			{Key: "import", Title: "Imports:"},
			{Key: "prospect", Title: "Prospects:"},
			{Key: "privacy", Title: "Privacy:"},
			{Key: "analyst", Title: "Analysts:"},
			{Key: "omie", Title: "Omie:"},
			{Key: "file", Title: "Files, without a database:"},
			{Key: "operate", Title: "Operation:"},
		}))
	if err != nil {
		return fail(err)
	}
	switch {
	case len(env.args) == 0:
		env.args = []string{"--help"}
	case env.args[0] == "help":
		env.args = append(slices.Clone(env.args[1:]), "--help")
	}
	defer func() {
		// Help ends parsing through Exit, which must not return.
		if e := recover(); e != nil {
			if e != any(asked) {
				panic(e)
			}
			code = asked.code
		}
	}()
	parsed, err := parser.Parse(env.args)
	if err != nil {
		return fail(usage(err))
	}
	f := grammar.flags
	cfg, err := config.Load(f.Config, env.getenv, f.settings())
	if err != nil {
		return fail(usage(err))
	}
	out.JSON, words.Locale = f.JSON, cfg.Locale
	s := &session{
		ctx: ctx, config: cfg, flags: f, in: env.in, out: out, words: words, clock: time.Now, getenv: env.getenv,
		log: newLog(env.err, cfg.LogLevel, slog.LevelWarn),
	}
	if cfg.Embedded() && cfg.LogLevel == "" {
		s.log = newLog(&quietLog{path: logPath(cfg.DataDir)}, "", slog.LevelInfo)
	}
	err = parsed.Run(s)
	words = s.words // the account's language by now
	if err != nil {
		return fail(err)
	}
	return exitDone
}

// helpAsked carries the exit code through kong's Exit, which may not return.
type helpAsked struct{ code int }

func (h *helpAsked) exit(code int) {
	h.code = code
	panic(h)
}

// errNoSuch is what looking up by name or id ends in.
func errNoSuch(kind, name string) error {
	return &exitError{exitFailed, fmt.Errorf("there is no %s %q", kind, name)}
}

// joinExit keeps the code of the first error and adds the other's text.
func joinExit(first, second error) error {
	if first == nil {
		return second
	}
	if second == nil {
		return first
	}
	return errors.Join(first, second)
}
