package survivorship

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/bateia/bateia/schemas"
)

// Rules of survivorship, as in the option of an import. The empty one is
// SourceRank.
const (
	SourceRank   = "source_rank"
	IncomingWins = "incoming_wins"
	ExistingWins = "existing_wins"
	FillOnly     = "fill_only"
)

// ManualRank is the least rank of a row that names its prospect by id: an edit
// by hand shares the top rank with the ERP.
const ManualRank = 2

// Policy is what an import's source and options say about its statements. All
// statements of an import share it.
type Policy struct {
	// Applied is the place of the import among those that were applied to the
	// account: a later one speaks later, whatever their ids. Imports of one place
	// are told apart by their ids.
	Applied int64
	// Rank is that of the source, 1 when it is 0. See schemas.Settings.Rank.
	Rank int
	// Rule is the survivorship, SourceRank when empty.
	Rule string
	// Clear says that a blank cell of a field in Filled clears the value.
	Clear bool
	// Filled names the fields that columns of the import feed.
	Filled map[string]bool
	// Changes is the id of the source when only its changes count, else 0.
	Changes int32
}

// WholeRecords reports whether sources of a kind send records as a whole, so
// that what did not change in them counts as not said.
func WholeRecords(kind string) bool { return kind == "omie" }

// NewPolicy returns the policy of an import with the given rank (as stored with
// it), kind and id of its source, options, and the fields that its columns feed.
func NewPolicy(rank int, kind string, source int32, options schemas.Options, fields []string) *Policy {
	p := &Policy{Rank: rank, Rule: options.Survivorship, Clear: options.Blank == "clear"}
	if WholeRecords(kind) {
		p.Changes = source
	}
	if p.Clear {
		p.Filled = make(map[string]bool, len(fields))
		for _, f := range fields {
			p.Filled[f] = true
		}
	}
	return p
}

// Statement is what one row said of a prospect. Two statements of a prospect
// never have both Import and Row in common.
type Statement struct {
	Import schemas.ImportID
	Row    int64
	ByID   bool    // the row named its prospect by id: an edit by hand
	Policy *Policy // of the import; nil is the zero Policy
	// Fields holds canonical texts by the names of schemas.ProspectColumns; blank
	// ones are missing or empty. Other names are not looked at.
	Fields map[string]string
	Extra  map[string]json.RawMessage // by name without prefix; null counts as missing
	// Vain says that the owner which it asks to be drawn was not: it neither gives nor
	// clears one. See Drawn.
	Vain bool
}

// rank of the statement.
func (s *Statement) rank() int {
	r := 1
	if s.Policy != nil {
		r = max(r, s.Policy.Rank)
	}
	if s.ByID {
		r = max(r, ManualRank)
	}
	return r
}

var noPolicy Policy

func (s *Statement) policy() *Policy {
	if s.Policy == nil {
		return &noPolicy
	}
	return s.Policy
}

// Value is the value of a field, and the row it comes from.
type Value struct {
	Text   string
	Rank   int
	Import schemas.ImportID
	Row    int64
}

// ExtraValue is the value of an extra field, as JSON, and the row it comes from.
type ExtraValue struct {
	Value  json.RawMessage
	Rank   int
	Import schemas.ImportID
	Row    int64
}

// Best is what statements add up to. Fields without a value are missing.
type Best struct {
	Fields map[string]Value
	Extra  map[string]ExtraValue
}

// Ranks returns the ranks above 1, by field, as in the column prospects.ranks:
// that of the name under "name" whichever of its parts are there, extra fields
// under "extra.<name>", identity fields not at all. Nil when there are none.
func (b Best) Ranks() map[string]int {
	var out map[string]int
	put := func(name string, rank int) {
		if rank <= 1 {
			return
		}
		if out == nil {
			out = map[string]int{}
		}
		out[name] = rank
	}
	for name, v := range b.Fields {
		switch groupOf[name] {
		case identityField:
		case nameField:
			put("name", v.Rank)
		default:
			put(name, v.Rank)
		}
	}
	for name, v := range b.Extra {
		put(schemas.ExtraPrefix+name, v.Rank)
	}
	return out
}

// Fold returns what the statements add up to. Their order does not matter, and
// they are not changed; texts and JSON are shared with them.
func Fold(statements []Statement) Best {
	return fold(statements, nil)
}

// byPlace orders statements by import, as they were applied, and row.
func byPlace(a, b *Statement) int {
	return cmp.Or(cmp.Compare(a.policy().Applied, b.policy().Applied), cmp.Compare(a.Import, b.Import), cmp.Compare(a.Row, b.Row))
}

// imports returns the statements import by import, each in the order of rows.
func imports(statements []Statement) [][]*Statement {
	sorted := make([]*Statement, len(statements))
	for i := range statements {
		sorted[i] = &statements[i]
	}
	if !slices.IsSortedFunc(sorted, byPlace) {
		slices.SortFunc(sorted, byPlace)
	}
	var out [][]*Statement
	for len(sorted) > 0 {
		n := 1
		for n < len(sorted) && sorted[n].Import == sorted[0].Import {
			n++
		}
		out = append(out, sorted[:n])
		sorted = sorted[n:]
	}
	return out
}

type group uint8

const (
	otherField group = iota + 1
	identityField
	nameField
)

// nameParts are the fields that make up the name.
var nameParts = [3]string{"name", "first_name", "last_name"}

// groupOf says how a field survives; names that are no column of prospects are
// missing.
var groupOf = func() map[string]group {
	out := map[string]group{}
	for _, f := range schemas.ProspectColumns() {
		switch {
		case f.Kind != 0:
			out[f.Name] = identityField
		case slices.Contains(nameParts[:], f.Name):
			out[f.Name] = nameField
		default:
			out[f.Name] = otherField
		}
	}
	return out
}()

// Drawn marks as vain what statements of a prospect say of an owner to be drawn before
// one was: turns are by folded name of the distribution the imports that drew. Whoever
// asks after them is given the same owner. When no import asks any more that drew, the
// first one that does gets the turn.
func Drawn(said []Statement, turns map[string][]schemas.ImportID) {
	var asking map[string][]*Statement // by folded name, in order
	for i := range said {
		if folded, ok := Distribution(said[i].Fields["owner"]); ok {
			if asking == nil {
				asking = map[string][]*Statement{}
			}
			asking[folded] = append(asking[folded], &said[i])
		}
	}
	for folded, asked := range asking {
		slices.SortFunc(asked, byPlace)
		first := slices.IndexFunc(asked, func(s *Statement) bool { return slices.Contains(turns[folded], s.Import) })
		switch {
		case len(turns[folded]) == 0:
			first = len(asked)
		case first < 0:
			first = 0
		}
		for i, s := range asked {
			s.Vain = i < first
		}
	}
}

// DrawRank says which of several draws from a distribution counts for a prospect and what
// merged into it: the one of the lowest rank, of equal ones that of the oldest id. asked
// says whether a statement of the import that drew asks still, own whether it drew for
// the prospect's own id.
func DrawRank(asked, own bool) (rank int) {
	if !asked {
		rank = 2
	}
	if !own {
		rank++
	}
	return rank
}

// Distribution returns the folded name of the distribution that an owner's text stands
// for.
func Distribution(text string) (folded string, ok bool) {
	name, ok := strings.CutPrefix(text, schemas.DistributionPrefix)
	return schemas.FoldLabel(name), ok
}

// drawn reports whether a field's text is an owner that is still to be drawn.
func drawn(field, text string) bool {
	return field == "owner" && strings.HasPrefix(text, schemas.DistributionPrefix)
}
