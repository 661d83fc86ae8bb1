package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

type accountCommand struct {
	Create accountCreate `cmd:"" help:"Make an account."`
	Set    accountSet    `cmd:"" help:"Change an account."`
	List   accountList   `cmd:"" help:"List accounts."`
	Show   accountShow   `cmd:"" help:"Show one account with its settings and decisions."`

	Distribution distributionCommand `cmd:"" help:"Give prospects to owners in turn."`
}

// accountFlags are what an account can be made with and changed to.
type accountFlags struct {
	Country         string   `help:"ISO 3166 code: how phones and documents are read." placeholder:"BR"`
	Language        string   `name:"account-locale" help:"Language of its people: en, pt-BR or es. In “create” and “set” --locale means the same." placeholder:"L"`
	Timezone        string   `help:"IANA name: which day it is." placeholder:"America/Sao_Paulo"`
	MaxFileSize     string   `help:"Largest file taken (default 5GiB)." placeholder:"75MiB"`
	DefaultAreaCode string   `help:"Area code of phones that have none." placeholder:"51"`
	IgnoreValue     []string `help:"Canonical identity that never joins; may be repeated." placeholder:"V" sep:"none"`
	MatchPolicy     string   `help:"any_joining (default) or external_id_only." placeholder:"P"`
	DriftAbove      string   `help:"Share of the rows by which a drop may look different from the last ones of its source before it waits for a decision (default 50%), or off." placeholder:"50%"`
	HoldAbove       string   `help:"Share of refused rows above which a drop waits for a decision (default 30%)." placeholder:"30%"`
	MaxComponent    int      `help:"Most joining identities of one prospect (default 50)." placeholder:"N"`
	MaxNames        int      `help:"With how many names a value may appear and still join by itself, at most 5; -1: any number (default 4)." placeholder:"N"`
	SourceRank      []string `help:"What a kind of source counts for where values differ (default omie=2, manual=2, upload=1, api=1); may be repeated." placeholder:"KIND=N" sep:"none"`
	Owner           []string `help:"Who may own prospects; may be repeated (default anybody)." placeholder:"NAME" sep:"none"`
	EraseUploads    string   `help:"What an erasure does to files: redact overwrites the person's rows (default), delete removes the files." placeholder:"P"`
	Keep            []string `help:"How long history is kept, from the end of an import: issues, rows, leads, uploads, results, plans, reports; PART=forever ends a limit; may be repeated (default plans=30d, the rest forever)." placeholder:"PART=180d" sep:","`
	OwnerFallback   *string  `help:"Owner instead of one that is not known: a name, or distribution:NAME (default: the name stays)." placeholder:"NAME"`
}

type accountCreate struct {
	Slug string `arg:"" help:"Name: small letters, digits, - and _."`
	accountFlags
}

type accountSet struct {
	Slug string `arg:"" help:"Account to change."`
	accountFlags
	JoinValue []string `help:"Phone, e-mail or document that became shared, to join by itself again; may be repeated." placeholder:"V" sep:"none"`
}

type accountList struct{}

type accountShow struct {
	Slug string `arg:"" optional:"" help:"Account (default: the one named by --account, else default)."`
}

func (accountCreate) Help() string {
	return "Examples:\n\n  bateia account create acme --country MX --locale es --timezone America/Mexico_City"
}

func (accountSet) Help() string {
	return `Only what is named changes; an empty value brings the default back.

Examples:

  bateia account set default --max-file-size 3GB --default-area-code 51
  bateia account set acme --hold-above 10% --drift-above 30%
  bateia account set acme --owner Ana --owner Bia --owner-fallback distribution:Sul
  bateia account set acme --keep issues=180d,rows=90d,uploads=1y
  bateia account set acme --join-value '(51) 98765-4321'`
}

func (accountList) Help() string { return "Example:\n\n  bateia account list --json" }

func (accountShow) Help() string { return "Example:\n\n  bateia account show acme" }

var slugForm = regexp.MustCompile(`^[a-z0-9_][a-z0-9_-]{0,62}$`)

// apply puts the flags into an account.
func (f accountFlags) apply(s *session, a *schemas.Account) error {
	if f.Language == "" {
		f.Language = s.flags.Locale
	}
	if f.Country != "" {
		a.Country = strings.ToUpper(f.Country)
		if len(a.Country) != 2 {
			return usage(fmt.Errorf("--country %q: two letters such as BR", f.Country))
		}
	}
	if f.Language != "" {
		a.Locale = schemas.Locale(f.Language)
		if !strings.EqualFold(strings.SplitN(a.Locale, "-", 2)[0], strings.FieldsFunc(f.Language, func(r rune) bool { return r == '-' || r == '_' })[0]) {
			return usage(fmt.Errorf("--locale %q: en, pt-BR or es", f.Language))
		}
	}
	if f.Timezone != "" {
		if _, err := time.LoadLocation(f.Timezone); err != nil || f.Timezone == "Local" {
			return usage(fmt.Errorf("--timezone %q: an IANA name such as America/Sao_Paulo", f.Timezone))
		}
		a.Timezone = f.Timezone
	}
	if err := f.applyPrivacy(&a.Settings); err != nil {
		return err
	}
	return f.applySettings(&a.Settings)
}

func (f accountFlags) applySettings(set *schemas.Settings) error {
	var err error
	if f.MaxFileSize != "" {
		if set.MaxFileSize, err = sizeFlag("max-file-size", f.MaxFileSize); err != nil {
			return err
		}
	}
	if f.DefaultAreaCode != "" {
		if _, err := strconv.ParseUint(f.DefaultAreaCode, 10, 16); err != nil {
			return usage(fmt.Errorf("--default-area-code %q: digits such as 51", f.DefaultAreaCode))
		}
		set.DefaultAreaCode = f.DefaultAreaCode
	}
	if len(f.IgnoreValue) > 0 {
		set.IgnoreValues = filledIn(f.IgnoreValue)
	}
	switch f.MatchPolicy {
	case "":
	case "any_joining", "external_id_only":
		set.MatchPolicy = f.MatchPolicy
	default:
		return usage(fmt.Errorf("--match-policy %q: any_joining or external_id_only", f.MatchPolicy))
	}
	if f.HoldAbove != "" {
		share, err := parseShare(f.HoldAbove)
		if err != nil {
			return usage(fmt.Errorf("--hold-above %q: %w", f.HoldAbove, err))
		}
		set.HoldAbove = &share
	}
	if f.DriftAbove != "" {
		share, err := 1.0, error(nil)
		if f.DriftAbove != "off" {
			share, err = parseShare(f.DriftAbove)
		}
		if err != nil {
			return usage(fmt.Errorf("--drift-above %q: %w, or off", f.DriftAbove, err))
		}
		set.DriftAbove = &share
	}
	if f.MaxComponent < 0 {
		return usage(fmt.Errorf("--max-component %d: a number above 0", f.MaxComponent))
	}
	if f.MaxComponent > 0 {
		set.MaxComponent = f.MaxComponent
	}
	if f.MaxNames < -1 || f.MaxNames > schemas.MostNames {
		return usage(fmt.Errorf("--max-names %d: a number from 1 to %d, or -1 for any number: a value remembers %d names", f.MaxNames, schemas.MostNames, schemas.MostNames))
	}
	if f.MaxNames != 0 {
		set.MaxNames = f.MaxNames
	}
	if len(f.SourceRank) > 0 {
		if set.SourceRanks, err = sourceRanks(f.SourceRank); err != nil {
			return err
		}
	}
	if len(f.Owner) > 0 {
		set.Owners = filledIn(f.Owner)
	}
	if f.OwnerFallback != nil {
		set.OwnerFallback = strings.TrimSpace(*f.OwnerFallback)
	}
	return nil
}

// maxRank is the highest rank of a source.
const maxRank = 9

// sourceRanks reads kinds of sources with their ranks; none, as for a blank one
// alone, means the defaults.
func sourceRanks(pairs []string) (map[string]int, error) {
	var out map[string]int
	for _, p := range filledIn(pairs) {
		kind, number, _ := strings.Cut(p, "=")
		rank, err := strconv.Atoi(number)
		if !slices.Contains([]string{"upload", "omie", "api", "manual"}, kind) || err != nil || rank < 1 || rank > maxRank {
			return nil, usage(fmt.Errorf("--source-rank %q: upload, omie, api or manual, = and a number from 1 to %d", p, maxRank))
		}
		if out == nil {
			out = map[string]int{}
		}
		out[kind] = rank
	}
	return out, nil
}

// filledIn leaves out blank values: a blank one alone brings the default back.
func filledIn(values []string) []string {
	return slices.DeleteFunc(slices.Clone(values), func(v string) bool { return strings.TrimSpace(v) == "" })
}

// parseShare reads 30% or 0.3 as 0.3.
func parseShare(text string) (float64, error) {
	number, percent := strings.CutSuffix(strings.TrimSpace(text), "%")
	x, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		x /= 100
	}
	if err != nil || !(x >= 0 && x <= 1) {
		return 0, errors.New("a share from 0% to 100%")
	}
	return x, nil
}

// Run makes an account.
func (c accountCreate) Run(s *session) error {
	if !slugForm.MatchString(c.Slug) {
		return usage(fmt.Errorf("%q: a name has small letters, digits, - and _", c.Slug))
	}
	account := schemas.Account{Slug: c.Slug}
	if err := c.apply(s, &account); err != nil {
		return err
	}
	return s.open("account", func(a *app.App) error {
		made, err := a.DB.CreateAccount(s.ctx, account)
		if errors.Is(err, postgres.ErrExists) {
			return &exitError{exitFailed, fmt.Errorf("account %q exists already", c.Slug)}
		}
		if err != nil {
			return err
		}
		return s.showAccounts(true, made)
	})
}

// Run changes an account.
func (c accountSet) Run(s *session) error {
	return s.open("account", func(a *app.App) error {
		account, err := a.DB.AccountBySlug(s.ctx, c.Slug)
		if errors.Is(err, postgres.ErrNotFound) {
			return errNoSuch("account", c.Slug)
		}
		if err != nil {
			return err
		}
		if err := c.apply(s, &account); err != nil {
			return err
		}
		if err := s.checkFallback(a, account); err != nil {
			return err
		}
		if err := s.joinAgain(a, &account, c.JoinValue); err != nil {
			return err
		}
		if err := a.DB.UpdateAccount(s.ctx, account); err != nil {
			return err
		}
		return s.showAccounts(true, account)
	})
}

// Run lists the accounts of people; the one for unassigned drops is not one.
func (accountList) Run(s *session) error {
	return s.open("account", func(a *app.App) error {
		all, err := a.DB.Accounts(s.ctx)
		if err != nil {
			return err
		}
		var shown []schemas.Account
		for _, account := range all {
			if account.ID != postgres.AccountUnassigned {
				shown = append(shown, account)
			}
		}
		return s.showAccounts(false, shown...)
	})
}

// Run shows one account.
func (c accountShow) Run(s *session) error {
	return s.open("account", func(a *app.App) error {
		if c.Slug != "" {
			s.config.Account = c.Slug
		}
		account, err := s.account(a)
		if err != nil {
			return err
		}
		return s.showAccount(a, account)
	})
}

// accountDocument is an account as JSON; its settings are the effective ones.
type accountDocument struct {
	Account  string           `json:"account"`
	Country  string           `json:"country"`
	Locale   string           `json:"locale"`
	Timezone string           `json:"timezone"`
	Settings schemas.Settings `json:"settings"`
}

func documentOfAccount(a schemas.Account) accountDocument {
	return accountDocument{a.Slug, a.Country, a.Locale, a.Timezone, a.Settings.WithDefaults()}
}

func (s *session) showAccounts(settings bool, accounts ...schemas.Account) error {
	var rows [][]string
	for _, a := range accounts {
		if s.out.JSON {
			if err := s.out.Document(documentOfAccount(a)); err != nil {
				return err
			}
		}
		rows = append(rows, []string{a.Slug, a.Country, a.Locale, a.Timezone})
	}
	if s.out.JSON {
		return nil
	}
	s.out.Table([]string{s.words.Say("th_account"), s.words.Say("th_country"), s.words.Say("th_locale"), s.words.Say("th_timezone")}, rows)
	if settings && len(accounts) == 1 {
		set := accounts[0].Settings.WithDefaults()
		maxNames := s.words.Number(int64(set.MaxNames))
		if accounts[0].Settings.MaxNames < 0 {
			maxNames = "-1"
		}
		driftAbove := "off"
		if *set.DriftAbove < 1 {
			driftAbove = s.words.Decimal(*set.DriftAbove*100, 0) + " %"
		}
		s.out.Printf("\n")
		s.out.Table([]string{s.words.Say("th_setting"), s.words.Say("th_value")}, [][]string{
			{"max_file_size", s.words.Size(set.MaxFileSize)},
			{"default_area_code", set.DefaultAreaCode},
			{"ignore_values", s.words.Number(int64(len(set.IgnoreValues)))},
			{"match_policy", set.MatchPolicy},
			{"hold_above", s.words.Decimal(*set.HoldAbove*100, 0) + " %"},
			{"drift_above", driftAbove},
			{"max_component", s.words.Number(int64(set.MaxComponent))},
			{"max_names", maxNames},
			{"source_ranks", fmt.Sprintf("upload=%d api=%d omie=%d manual=%d", set.Rank("upload"), set.Rank("api"), set.Rank("omie"), set.Rank("manual"))},
			{"erase_uploads", set.EraseUploads},
			{"keep", keptText(accounts[0])},
			{"owners", cut(strings.Join(set.Owners, ", "), 60)},
			{"owner_fallback", set.OwnerFallback},
		})
	}
	return nil
}
