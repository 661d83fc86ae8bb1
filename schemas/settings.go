package schemas

import (
	"math"
	"time"
)

// Account is a tenant and its settings.
type Account struct {
	ID       int32
	Slug     string
	Country  string // ISO 3166 alpha-2, e.g. BR
	Locale   string // en, pt-BR or es
	Timezone string // IANA, e.g. America/Sao_Paulo
	Settings Settings
	// Distributions are loaded with a run, without their turns; elsewhere they are empty.
	Distributions []Distribution
}

// Location returns the account's timezone, UTC when it is unknown here.
func (a Account) Location() *time.Location {
	loc, err := time.LoadLocation(a.Timezone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// MostNames is how many names a value may have at most and still join: an identity
// remembers as many.
const MostNames = 5

// Match policies: what makes two rows one prospect.
const (
	MatchAnyJoining = "any_joining"
	MatchExternalID = "external_id_only"
)

// What an erasure does to files that carry the person.
const (
	EraseRedact = "redact"
	EraseDelete = "delete"
)

// Settings are what an account may change with "account set". Zero means
// default, see WithDefaults.
type Settings struct {
	MaxFileSize     int64    `json:"max_file_size,omitempty"`     // bytes, default 5 GiB
	DefaultAreaCode string   `json:"default_area_code,omitempty"` // e.g. 51
	IgnoreValues    []string `json:"ignore_values,omitempty"`     // canonical identities that never join
	Owners          []string `json:"owners,omitempty"`            // who may own prospects; empty: anybody
	OwnerFallback   string   `json:"owner_fallback,omitempty"`    // instead of an unknown owner: a name, or distribution:NAME
	MatchPolicy     string   `json:"match_policy,omitempty"`      // any_joining (default) or external_id_only
	HoldAbove       *float64 `json:"hold_above,omitempty"`        // share of refused rows, default 0.30
	// DriftAbove is by how much, as a share of the rows, an unattended file may differ
	// from the earlier ones of its source, default 0.50; with 1 by anything.
	DriftAbove *float64 `json:"drift_above,omitempty"`
	// MaxNames is with how many different names a joining value may appear before
	// it is a shared one, default 4; below zero it never is.
	MaxNames int `json:"max_names,omitempty"`
	// SourceRanks says what kinds of sources count for in survivorship where it
	// is not the default: 2 for omie and manual, 1 for the others.
	SourceRanks  map[string]int `json:"source_ranks,omitempty"`
	MaxComponent int            `json:"max_component,omitempty"` // joining identities, default 50
	// EraseUploads says what an erasure does to files that carry the person: redact
	// (default) overwrites the rows, delete removes the files.
	EraseUploads string `json:"erase_uploads,omitempty"`
	// Keep says how many days of what is kept (KeepParts), counted from the end of an
	// import; what is not named is kept for ever, but plans for 30 days.
	Keep map[string]int `json:"keep,omitempty"`
}

// KeepParts are what Settings.Keep may name.
var KeepParts = []string{KeepIssues, KeepRows, KeepLeads, KeepUploads, KeepResults, KeepPlans, KeepReports}

// Parts of the history of imports that expire.
const (
	KeepIssues  = "issues"  // what was wrong with rows and cells
	KeepRows    = "rows"    // rows that became no lead: replay needs them
	KeepLeads   = "leads"   // leads of imports that were taken back, and what undo needs; never those that prospects stand on
	KeepUploads = "uploads" // the files
	KeepResults = "results" // what lies beside them
	KeepPlans   = "plans"   // and pages of syncs
	KeepReports = "reports" // the Parquet datasets
)

// DefaultKeepPlans is how many days the plan of an import that is over can be looked
// at when the account does not say.
const DefaultKeepPlans = 30

// Kept returns the day before which a part of the history is too old, at the account's
// day of now, and false when it is kept for ever.
func (a Account) Kept(part string, now time.Time) (before time.Time, some bool) {
	days, some := a.Settings.Keep[part]
	if !some && part == KeepPlans {
		days, some = DefaultKeepPlans, true
	}
	if !some {
		return time.Time{}, false
	}
	day := now.In(a.Location())
	return time.Date(day.Year(), day.Month(), day.Day()-days, 0, 0, 0, 0, a.Location()), true
}

// Rank is what a kind of source counts for in survivorship.
func (s Settings) Rank(kind string) int {
	if r, ok := s.SourceRanks[kind]; ok {
		return r
	}
	if kind == "omie" || kind == "manual" {
		return 2
	}
	return 1
}

// WithDefaults fills what is zero.
func (s Settings) WithDefaults() Settings {
	if s.MaxFileSize == 0 {
		s.MaxFileSize = 5 << 30
	}
	if s.EraseUploads == "" {
		s.EraseUploads = EraseRedact
	}
	if s.MatchPolicy == "" {
		s.MatchPolicy = MatchAnyJoining
	}
	if s.HoldAbove == nil {
		share := 0.30
		s.HoldAbove = &share
	}
	if s.DriftAbove == nil {
		share := 0.50
		s.DriftAbove = &share
	}
	switch {
	case s.MaxNames == 0:
		s.MaxNames = 4
	case s.MaxNames < 0:
		s.MaxNames = math.MaxInt32
	case s.MaxNames > MostNames && s.MaxNames < math.MaxInt32:
		s.MaxNames = MostNames
	}
	if s.MaxComponent == 0 {
		s.MaxComponent = 50
	}
	return s
}

// Options are the settings of one import: from the command, the manifest or
// the mapping file. Zero means default.
type Options struct {
	DefaultAreaCode       string `json:"default_area_code,omitempty" yaml:"default_area_code"`
	Blank                 string `json:"blank,omitempty" yaml:"blank"`               // keep (default) or clear
	Survivorship          string `json:"survivorship,omitempty" yaml:"survivorship"` // source_rank (default), incoming_wins, existing_wins, fill_only
	Validation            string `json:"validation,omitempty" yaml:"validation"`     // lenient (default) or strict
	StrictFormats         bool   `json:"strict_formats,omitempty" yaml:"strict_formats"`
	Multiple              string `json:"multiple,omitempty" yaml:"multiple"` // split (default) or reject
	FirstColumnIdentifies bool   `json:"first_column_identifies,omitempty" yaml:"first_column_identifies"`
	OnError               string `json:"on_error,omitempty" yaml:"on_error"` // reject_row (default) or keep
	PlanOnly              bool   `json:"plan_only,omitempty" yaml:"plan_only"`
	Quote                 string `json:"quote,omitempty" yaml:"quote"` // overrides detection, as do the rest: see parse.Options
	Escape                string `json:"escape,omitempty" yaml:"escape"`
	Comment               string `json:"comment,omitempty" yaml:"comment"`
	Header                string `json:"header,omitempty" yaml:"header"` // yes or no
	HeaderLine            int64  `json:"header_line,omitempty" yaml:"header_line"`
	Delimiter             string `json:"delimiter,omitempty" yaml:"delimiter"` // overrides detection
	Encoding              string `json:"encoding,omitempty" yaml:"encoding"`   // overrides detection
	Sheet                 string `json:"sheet,omitempty" yaml:"sheet"`         // of a workbook; else the first that holds a table
}

// ColumnTarget is what a mapping says of one column.
type ColumnTarget struct {
	Field  string            `json:"field" yaml:"field"` // standard field, extra.<name>, or "ignore"
	Type   string            `json:"type,omitempty" yaml:"type"`
	Format string            `json:"format,omitempty" yaml:"format"` // of a date, e.g. dd/mm/yyyy
	System string            `json:"system,omitempty" yaml:"system"` // of an external id
	Values map[string]string `json:"values,omitempty" yaml:"values"`
}

// Mapping is the mapping file or manifest of CONTRACT, after reading.
type Mapping struct {
	Columns map[string]ColumnTarget `json:"columns,omitempty"`
	Rest    string                  `json:"rest,omitempty"` // auto, extra or ignore; "" is extra
	Set     map[string]string       `json:"set,omitempty"`
	List    string                  `json:"list,omitempty"`
	Tags    []string                `json:"tags,omitempty"`
	Mode    Mode                    `json:"mode,omitempty"`
	Options Options                 `json:"options,omitzero"`
}

// Request is everything that was asked of one import. It is stored with it,
// so that a plan made again is the same plan.
type Request struct {
	Mapping    Mapping `json:"mapping"`
	Unattended bool    `json:"unattended,omitempty"` // a drop: nobody watches, doubtful imports are held
	Confirmed  bool    `json:"confirmed,omitempty"`  // somebody saw the plan and said apply
	// Decision is what people decided; such an import has no object.
	Decision *Decision `json:"decision,omitempty"`
	// Sync is what is read from a connection; such an import has no object either.
	Sync *SyncRequest `json:"sync,omitempty"`
	// Replay is asked of an import that is the replay of another one.
	Replay *ReplayRequest `json:"replay,omitempty"`
}

// Source is where rows come from.
type Source struct {
	Kind     string `json:"kind"` // upload, omie, api, manual
	System   string `json:"system"`
	Name     string `json:"name"`
	Instance string `json:"instance"`
}

// ObjectPin is the exact object an import reads: every read asks for this
// version and no other.
type ObjectPin struct {
	Bucket    string    `json:"bucket"`
	Key       string    `json:"key"`
	VersionID string    `json:"version_id,omitempty"`
	ETag      string    `json:"etag"`
	Size      int64     `json:"size"`
	Modified  time.Time `json:"modified"`
}

// URL returns the s3:// form of the object.
func (o ObjectPin) URL() string {
	if o.Key == "" {
		return ""
	}
	return "s3://" + o.Bucket + "/" + o.Key
}
