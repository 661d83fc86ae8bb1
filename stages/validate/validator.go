package validate

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
)

// Config is what decides how cells are read, beside the plan.
type Config struct {
	Country         string   // account's country, ISO 3166 alpha-2
	DefaultAreaCode string   // of the account; Options.DefaultAreaCode goes before it
	Local           bool     // numbers without country are those of the country, as the source has it
	System          string   // system of external ids whose mapping names none
	IgnoreValues    []string // canonical identities that never join by themselves
	Owners          *Owners  // nil: without an account, every owner is taken as it is
	Options         schemas.Options
	Now             time.Time // birthdays lie before it
}

// Validator holds everything that reading a record needs. It does not change
// once Decide was called; each goroutine reads with a Reader of its own.
type Validator struct {
	plan   Plan
	cfg    Config
	marked bool            // cells carry marks
	fields []schemas.Field // the f_ columns of rows, in catalogue order

	identities []identityColumn // in the order in which they count: phone before phone2
	rowID      int              // column with the prospect's id, -1
	country    int              // index in steps of the row's country, -1
	steps      []fieldStep
	extras     []extraStep // by name
	types      []cellType  // by column
	idle       []int       // columns that feed nothing
	areas      []int       // columns with area codes
	name       nameFields
	primary    [identity.Telegram + 1]int // index in fields of the best value of a kind, -1
	ignored    map[string]bool
	owners     owners
	constants  map[string]string   // by field, of what the import sets for every row
	warnings   []schemas.FileIssue // of what the import sets for every row
	strict     bool
}

// identityColumn is a column whose cells name somebody.
type identityColumn struct {
	column   int
	kind     identity.Kind
	field    string
	system   string
	maxRunes int
	area     int // column with the area code, -1
}

// own reports whether the column is that of the prospect's value of its kind, which
// exports give out: neither a further one nor an external id.
func (c *identityColumn) own() bool {
	return c.kind != identity.External && c.field == c.kind.String()
}

// fieldStep fills one field from its columns, or from a constant.
type fieldStep struct {
	field    string
	out      int // index in fields
	columns  []int
	constant string
	tags     bool
}

// extraStep fills one extra field.
type extraStep struct {
	name     string
	key      []byte // "name": as JSON
	column   int    // -1 for a constant
	constant []byte // as JSON
}

// nameFields are the indexes in fields of what a name is made from, -1 for none.
type nameFields struct{ name, first, last, company int }

// New returns a Validator for a plan that MakePlan accepted. Formats that only
// the data can tell are those of the country until Decide.
func New(plan Plan, cfg Config) *Validator {
	v := &Validator{plan: plan, cfg: cfg, marked: plan.marked, rowID: -1, country: -1, strict: cfg.Options.Validation == "strict"}
	if v.cfg.Country == "" {
		v.cfg.Country = "BR"
	}
	if len(cfg.IgnoreValues) > 0 {
		v.ignored = map[string]bool{}
		for _, value := range cfg.IgnoreValues {
			v.ignored[value] = true
		}
	}
	v.owners = newOwners(cfg.Owners)
	v.columns()
	v.readConstants()
	v.listFields()
	v.listSteps()
	v.Decide(Sample{})
	return v
}

// Fields returns the names of the fields that have a column in rows, in
// catalogue order.
func (v *Validator) Fields() []string {
	names := make([]string, len(v.fields))
	for i, f := range v.fields {
		names[i] = f.Name
	}
	return names
}

// HasExtra reports whether any column or constant feeds an extra field.
func (v *Validator) HasExtra() bool { return len(v.extras) > 0 }

// columns sorts the columns by what they are read for.
func (v *Validator) columns() {
	v.types = make([]cellType, len(v.plan.Columns))
	for i, c := range v.plan.Columns {
		f, standard := schemas.FieldByName(c.Field)
		v.types[i] = typeOf(c.Field, c.Type, c.Format)
		name, extra := schemas.IsExtra(c.Field)
		switch {
		case c.Field == "":
			v.idle = append(v.idle, i)
		case extra:
			v.extras = append(v.extras, extraStep{name: name, key: jsonKey(name), column: i})
		case f.Type == schemas.TypeRowID:
			v.rowID = i
		case f.Type == schemas.TypeHelper && f.Name != "phone_country":
			v.areas = append(v.areas, i)
		case standard && f.Kind != 0:
			system := c.System
			if system == "" {
				system = v.cfg.System
			}
			v.identities = append(v.identities, identityColumn{i, f.Kind, f.Name, system, f.MaxRunes, c.Area})
		}
	}
	order := func(c identityColumn) int {
		name := c.field
		if name == "whatsapp" {
			name = "phone" // one as good as the other: the order of the file decides
		}
		return slices.IndexFunc(schemas.Fields, func(f schemas.Field) bool { return f.Name == name })
	}
	slices.SortStableFunc(v.identities, func(a, b identityColumn) int { return cmp.Compare(order(a), order(b)) })
}

// readConstants reads the values that the import sets for every row. One that is
// nobody's, as an owner may be, feeds nothing.
func (v *Validator) readConstants() {
	var s scratch
	v.constants = map[string]string{}
	for _, c := range v.plan.Constants {
		if f, known := schemas.FieldByName(c.Field); !known || f.Kind != 0 {
			continue
		}
		t := typeOf(c.Field, c.Type, "")
		t.order = orderDMY
		value, _ := s.canonical(c.Value, &t, v.cfg.Country, v.cfg.Now)
		v.constants[c.Field] = strings.Clone(value)
		if c.Field == "owner" && value != "" {
			v.constants[c.Field] = v.constantOwner(v.constants[c.Field])
		}
	}
}

// listFields lists the fields that rows has columns for.
func (v *Validator) listFields() {
	fed := map[string]bool{}
	for _, c := range v.plan.Columns {
		fed[c.Field] = true
	}
	for _, c := range v.plan.Constants {
		f, known := schemas.FieldByName(c.Field)
		fed[c.Field] = fed[c.Field] || !known || f.Kind != 0 || v.constants[c.Field] != ""
	}
	for _, c := range v.identities {
		fed[c.kind.String()] = true // phone2 alone fills phone
	}
	if fed["first_name"] || fed["last_name"] {
		fed["name"] = true
	}
	for i := range v.primary {
		v.primary[i] = -1
	}
	v.name = nameFields{-1, -1, -1, -1}
	for _, f := range schemas.Fields {
		if !fed[f.Name] || f.Column == "" && f.Type != schemas.TypeTags {
			continue
		}
		at := len(v.fields)
		v.fields = append(v.fields, f)
		if f.Kind != 0 {
			v.primary[f.Kind] = at
		}
		switch f.Name {
		case "name":
			v.name.name = at
		case "first_name":
			v.name.first = at
		case "last_name":
			v.name.last = at
		case "company":
			v.name.company = at
		}
	}
}

// listSteps lists how each field that is no identity is filled.
func (v *Validator) listSteps() {
	for at, f := range v.fields {
		if f.Kind != 0 {
			continue
		}
		step := fieldStep{field: f.Name, out: at, tags: f.Type == schemas.TypeTags, constant: v.constants[f.Name]}
		for i, c := range v.plan.Columns {
			if c.Field == f.Name {
				step.columns = append(step.columns, i)
			}
		}
		if f.Name == "country" {
			v.country = len(v.steps)
		}
		if len(step.columns) > 0 || step.constant != "" {
			v.steps = append(v.steps, step)
		}
	}
	for _, c := range v.plan.Constants {
		if name, extra := schemas.IsExtra(c.Field); extra {
			v.extras = append(v.extras, extraStep{name: name, key: jsonKey(name), column: -1, constant: appendJSONString(nil, c.Value)})
		}
	}
	slices.SortFunc(v.extras, func(a, b extraStep) int { return cmp.Compare(a.name, b.name) })
}

// jsonKey returns the name as a JSON string and a colon.
func jsonKey(name string) []byte {
	return append(appendJSONString(nil, name), ':')
}

// Columns returns the plan's columns with their types and, for dates and
// numbers, the format that was decided.
func (v *Validator) Columns() []schemas.Column {
	out := make([]schemas.Column, len(v.plan.Columns))
	for i, c := range v.plan.Columns {
		out[i] = c.Column
		out[i].Type = string(c.Type)
		switch t := &v.types[i]; {
		case t.evidence.Format != "":
			out[i].Type += " " + t.evidence.Format
		case c.Type == schemas.TypeDate:
			out[i].Type += " " + t.order.String()
		case c.Type == schemas.TypeNumber:
			out[i].Type += " " + numberFormats[t.decimal]
		}
	}
	return out
}
