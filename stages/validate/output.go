package validate

import (
	"encoding/binary"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
)

// Position is where a record stands, as package schemas defines the columns of
// Records.
type Position struct {
	Row, Line, SheetRow, Offset, Length int64
}

// output builds the three tables from what a Reader read. The batches it gives
// out own their memory: builders start anew through the allocator.
type output struct {
	v          *Validator
	rows       *array.RecordBuilder
	identities *array.RecordBuilder
	issues     *array.RecordBuilder

	position  [5]*array.Int64Builder
	sourceRef *array.StringBuilder
	status    *array.StringBuilder
	reason    *array.StringBuilder
	nameKey   *array.StringBuilder
	bateiaID  *array.StringBuilder
	statement *array.Int64Builder
	extra     *array.StringBuilder
	fields    []*array.StringBuilder

	idRow   *array.Int64Builder
	idSeq   *array.Int32Builder
	idKind  *array.Int16Builder
	idValue *array.StringBuilder
	idJoins *array.BooleanBuilder
	idK1    *array.Int64Builder
	idK2    *array.Int64Builder

	issueRow   *array.Int64Builder
	issueTexts [6]*array.StringBuilder // column, field, severity, code, value, shape
}

// newOutput returns an empty output with room for so many rows.
func newOutput(v *Validator, rows int) *output {
	o := &output{
		v:          v,
		rows:       array.NewRecordBuilder(memory.DefaultAllocator, schemas.Rows(v.Fields())),
		identities: array.NewRecordBuilder(memory.DefaultAllocator, schemas.Identities),
		issues:     array.NewRecordBuilder(memory.DefaultAllocator, schemas.Issues),
	}
	o.rows.Reserve(rows)
	o.identities.Reserve(2 * rows)
	text := func(b *array.RecordBuilder, i int) *array.StringBuilder { return b.Field(i).(*array.StringBuilder) }
	number := func(b *array.RecordBuilder, i int) *array.Int64Builder { return b.Field(i).(*array.Int64Builder) }
	for i := range o.position {
		o.position[i] = number(o.rows, i)
	}
	o.sourceRef, o.status, o.reason = text(o.rows, 5), text(o.rows, 6), text(o.rows, 7)
	o.nameKey, o.bateiaID, o.statement, o.extra = text(o.rows, 8), text(o.rows, 9), number(o.rows, 10), text(o.rows, 11)
	for i := range v.fields {
		o.fields = append(o.fields, text(o.rows, 12+i))
	}
	o.idRow, o.idSeq = number(o.identities, 0), o.identities.Field(1).(*array.Int32Builder)
	o.idKind, o.idValue = o.identities.Field(2).(*array.Int16Builder), text(o.identities, 3)
	o.idJoins = o.identities.Field(4).(*array.BooleanBuilder)
	o.idK1, o.idK2 = number(o.identities, 5), number(o.identities, 6)
	o.issueRow = number(o.issues, 0)
	for i := range o.issueTexts {
		o.issueTexts[i] = text(o.issues, 1+i)
	}
	return o
}

func (o *output) release() {
	o.rows.Release()
	o.identities.Release()
	o.issues.Release()
}

// append adds what the reader read last.
func (o *output) append(p Position, r *Reader) {
	for i, n := range [5]int64{p.Row, p.Line, p.SheetRow, p.Offset, p.Length} {
		o.position[i].Append(n)
	}
	o.sourceRef.AppendNull()
	o.status.Append(string(r.status))
	appendOrNull(o.reason, r.reason)
	o.nameKey.Append(r.nameKey)
	appendOrNull(o.bateiaID, r.bateiaID)
	o.statement.Append(r.statement)
	appendOrNull(o.extra, r.extra)
	for i, b := range o.fields {
		appendOrNull(b, r.values[i])
	}
	for i := range r.ids {
		o.appendIdentity(p.Row, int32(i), &r.ids[i], r.nameKey)
	}
	for i := range r.issues {
		o.appendIssue(p.Row, &r.issues[i])
	}
}

func appendOrNull(b *array.StringBuilder, text string) {
	if text == "" {
		b.AppendNull()
		return
	}
	b.Append(text)
}

func (o *output) appendIdentity(row int64, seq int32, id *identity.Value, nameKey string) {
	joins := o.v.joins(id)
	if !joins {
		o.appendKey(row, seq, id, false, identity.SharedKey(id.Kind, id.Canonical, nameKey))
		return
	}
	o.appendKey(row, seq, id, true, identity.Key(id.Kind, id.Canonical))
	// An Argentine mobile is also found by its spelling without the 9, together
	// with the name.
	if twin := id.Twin(); twin != "" {
		o.appendKey(row, seq, id, false, identity.SharedKey(id.Kind, twin, nameKey))
	}
}

// appendKey writes one key of an identity.
func (o *output) appendKey(row int64, seq int32, id *identity.Value, joins bool, key [16]byte) {
	o.idRow.Append(row)
	o.idSeq.Append(seq)
	o.idKind.Append(int16(id.Kind))
	o.idValue.Append(id.Canonical)
	o.idJoins.Append(joins)
	o.idK1.Append(int64(binary.BigEndian.Uint64(key[:8])))
	o.idK2.Append(int64(binary.BigEndian.Uint64(key[8:])))
}

// joins reports whether an identity joins by itself: what it is decides, unless
// the account said to ignore the value.
func (v *Validator) joins(id *identity.Value) bool {
	return id.Strength == identity.Joining && !v.ignored[id.Canonical]
}

func (o *output) appendIssue(row int64, issue *Issue) {
	o.issueRow.Append(row)
	texts := &o.issueTexts
	appendOrNull(texts[1], issue.Field)
	texts[2].Append(string(issue.Severity))
	texts[3].Append(issue.Code)
	if issue.Column < 0 {
		texts[0].AppendNull()
		texts[4].AppendNull()
		texts[5].AppendNull()
		return
	}
	texts[0].Append(o.v.plan.Columns[issue.Column].Name)
	texts[4].Append(issue.Value)
	texts[5].Append(identity.Shape(issue.Value))
}

// tables are batches of the three tables about the same records.
type tables struct {
	rows, identities, issues arrow.RecordBatch
}

// flush returns what was appended and starts anew.
func (o *output) flush() tables {
	return tables{o.rows.NewRecordBatch(), o.identities.NewRecordBatch(), o.issues.NewRecordBatch()}
}

func (t tables) release() {
	t.rows.Release()
	t.identities.Release()
	t.issues.Release()
}
