package htmlreport

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/bateia/bateia/schemas"
)

// periodView is the section of one account.
type periodView struct {
	Account  string
	Span     string
	Zone     string
	Lead     string
	Empty    bool // nothing was imported in the period
	Figures  []figure
	Rows     plotView
	Count    plotView
	Causes   causesView
	Quality  []qualityView
	More     string // sources whose quality is not shown
	Twice    []twiceView
	Fresh    []freshView
	Stages   []stageView
	Imports  []importLine
	MoreRows string // imports that are not listed
}

// figure is a number with what it was before.
type figure struct {
	Key, Label, Value, Note string
	Raw                     int64
}

// plotView is a chart in its widths, with its layers as a legend that tells sums.
type plotView struct {
	Charts []columnChart
	Layers []series
	Note   string
}

// qualityView is how well the fields of a source are filled.
type qualityView struct {
	Source, Full, Kind, Rows string
	Fields                   []fieldView
	More                     string
}

type fieldView struct {
	Field                string
	Filled, Valid        string
	RawFilled, RawLoaded int64
	Bar                  bar
}

// twiceView is what a source brought that was there already.
type twiceView struct {
	Source, Full, Kind      string
	Rows, InFile, Known, In string
	RawInFile, RawKnown     int64
	Merged                  string
	Bar                     bar
}

type freshView struct {
	Source, Full, Kind, When, Age string
	Mark, State                   string // a sign beside the words: state is never color alone
	Late                          bool
}

type stageView struct {
	Name, Runs, Seconds, Median, Longest string
	Import                               string
	Bar                                  bar
	Share                                string
}

// importLine is an import in a table.
type importLine struct {
	ID, When, Name, Full, List, State, Code string
	Trouble                                 bool
	Read, New, Changed, Same, Refused, Took string
	RawRead, RawRefused                     int64
}

// Shown at most: the rest is named and can be asked for.
const (
	sourcesShown = 6
	fieldsShown  = 8
	codesShown   = 12
	shapesShown  = 5
	nameLength   = 64 // characters of a name in a table; pointing at it shows the rest
)

func (s speaker) period(q Request, d periodData) periodView {
	p := d.period
	v := periodView{Account: d.account.Slug, Span: s.span(p.first, p.last()), Zone: d.account.Timezone, Empty: d.now.Imports == 0}
	v.Figures = s.figures(d)
	buckets := p.buckets(d.days)
	v.Rows, v.Count = s.rowsByOutcome(d, buckets), s.importsByState(d, buckets)
	v.Causes = s.causes(d.causes, "")
	v.Lead = s.lead(d, v.Causes)
	v.Quality, v.More = s.quality(d)
	v.Twice = s.twice(d.sources)
	v.Fresh = s.fresh(q, d)
	v.Stages = s.stageTimes(d.stages)
	for _, i := range d.imports {
		v.Imports = append(v.Imports, s.line(i, p.zone))
	}
	if more := d.now.Imports - int64(len(d.imports)); more > 0 {
		v.MoreRows = s.say("more_imports", "count", more, "account", d.account.Slug, "since", p.first.Format(time.DateOnly), "all", d.now.Imports)
	}
	return v
}

// lead says in a sentence or two what the figures come to.
func (s speaker) lead(d periodData, causes causesView) string {
	n := d.now
	switch {
	case n.Imports == 0:
		return s.say("lead_empty")
	case n.Read == 0:
		return s.say("lead_nothing", "imports", n.Imports)
	}
	text := s.say("lead", "imports", n.Applied, "rows", n.Read, "created", n.Created)
	if n.Rejected == 0 {
		return text + " " + s.say("lead_clean")
	}
	text += " " + s.say("lead_refused", "refused", n.Rejected, "share", s.percent(n.Rejected, n.Read))
	if len(causes.Codes) > 0 && n.Rejected > 1 {
		text += " " + s.say("lead_cause", "cause", strings.TrimSuffix(causes.Codes[0].Sentence, "."))
	}
	return text
}

func (s speaker) figures(d periodData) []figure {
	now, before := d.now, d.before
	list := []figure{
		{Key: "imports", Raw: now.Imports, Note: s.before(now.Imports, before.Imports, d.period.days)},
		{Key: "rows_read", Raw: now.Read, Note: s.before(now.Read, before.Read, d.period.days)},
		{Key: "prospects_created", Raw: now.Created, Note: s.before(now.Created, before.Created, d.period.days)},
		{Key: "prospects_updated", Raw: now.Updated, Note: s.before(now.Updated, before.Updated, d.period.days)},
		{Key: "rejected", Raw: now.Rejected, Note: s.shares(now.Rejected, now.Read, before.Rejected, before.Read)},
		{Key: "duplicate", Raw: now.Duplicate, Note: s.shares(now.Duplicate, now.Read, before.Duplicate, before.Read)},
	}
	for i := range list {
		list[i].Label, list[i].Value = s.say("figure_"+list[i].Key), s.Number(list[i].Raw)
	}
	return list
}

// before compares a count with that of the span before.
func (s speaker) before(now, before int64, days int) string {
	if before == 0 {
		if now == 0 {
			return s.say("none_too", "days", days)
		}
		return s.say("none_before", "days", days)
	}
	return s.say("before", "change", s.change(now, before), "count", before)
}

// shares compares a share of the rows with that of the span before.
func (s speaker) shares(now, rows, before, rowsBefore int64) string {
	switch {
	case rows == 0:
		return s.say("no_rows")
	case rowsBefore == 0:
		return s.say("of_rows", "share", s.percent(now, rows))
	}
	return s.say("of_rows_before", "share", s.percent(now, rows), "before", s.percent(before, rowsBefore))
}

// axisOf are the texts below and of the columns of a period.
func (s speaker) axisOf(p period, buckets []bucket) (labels, names []string) {
	for i, b := range buckets {
		end := p.last()
		if i+1 < len(buckets) {
			end = buckets[i+1].first.AddDate(0, 0, -1)
		}
		if p.days > 366 { // the year has to be told
			labels = append(labels, s.month(b.first.Month())+nbsp+b.first.Format("06"))
		} else {
			labels = append(labels, s.dayMonth(b.first))
		}
		names = append(names, s.span(b.first, end))
	}
	return labels, names
}

func (s speaker) rowsByOutcome(d periodData, buckets []bucket) plotView {
	var sum ledger
	for _, b := range buckets {
		sum = sum.plus(b.sum.ledger)
	}
	layers := s.layers(sum)
	for i := range layers {
		for _, b := range buckets {
			layers[i].Counts = append(layers[i].Counts, b.sum.counts()[i])
		}
	}
	return s.view(d, "rows", buckets, layers, s.say("rows_desc", "rows", sum.Read, "refused", sum.Rejected))
}

// layers are the outcomes of a ledger with their shares.
func (s speaker) layers(l ledger) []series {
	list := make([]series, len(outcomes))
	for i, n := range l.counts() {
		list[i] = series{Class: "o-" + outcomes[i], Name: s.say("outcome_" + outcomes[i]), Total: n, Number: s.Number(n), Share: s.percent(n, l.Read)}
	}
	return list
}

// importsByState counts imports: those that count today, those that were taken
// back, those that came to nothing, and the rest.
func (s speaker) importsByState(d periodData, buckets []bucket) plotView {
	layers := []series{{Class: "s-applied", Name: s.say("state_applied")}, {Class: "s-undone", Name: s.say("state_undone")},
		{Class: "s-open", Name: s.say("state_open")}, {Class: "s-failed", Name: s.say("state_failed")}}
	var all int64
	for _, b := range buckets {
		lost := b.sum.RejectedFiles + b.sum.Failed
		for i, n := range []int64{b.sum.Applied, b.sum.Undone, b.sum.Imports - b.sum.Applied - b.sum.Undone - lost, lost} {
			layers[i].Counts = append(layers[i].Counts, n)
			layers[i].Total += n
		}
		all += b.sum.Imports
	}
	for i := range layers {
		layers[i].Number, layers[i].Share = s.Number(layers[i].Total), s.percent(layers[i].Total, all)
	}
	return s.view(d, "imports", buckets, layers, s.say("imports_desc", "imports", all))
}

func (s speaker) view(d periodData, key string, buckets []bucket, layers []series, desc string) plotView {
	labels, names := s.axisOf(d.period, buckets)
	unit := s.say("per_" + d.period.unit())
	p := plot{ID: key + "-" + d.account.Slug, Title: s.say(key+"_title", "unit", unit), Desc: desc, Labels: labels, Names: names, Layers: layers}
	v := plotView{Layers: layers, Note: s.say(key+"_note", "unit", unit)}
	if most, _ := p.most(); most > 0 {
		v.Charts = s.charts(p)
	}
	return v
}

// quality shows the fields of the sources with the most rows.
func (s speaker) quality(d periodData) (list []qualityView, more string) {
	bySource := map[string][]qualityRow{}
	for _, r := range d.quality {
		key := r.Kind + "\x00" + r.Source
		bySource[key] = append(bySource[key], r)
	}
	left := int64(0)
	for _, src := range d.sources {
		rows := bySource[src.Kind+"\x00"+src.Source]
		if len(rows) == 0 || src.Read == 0 {
			continue
		}
		if len(list) == sourcesShown {
			left++
			continue
		}
		v := qualityView{Source: short(src.Source, nameLength), Full: src.Source, Kind: s.say("kind_" + src.Kind), Rows: s.say("rows", "count", src.Read)}
		slices.SortStableFunc(rows, func(a, b qualityRow) int {
			return cmp.Or(cmp.Compare(fieldPlace(a.Field), fieldPlace(b.Field)), cmp.Compare(a.Field, b.Field))
		})
		for i, r := range rows {
			if i == fieldsShown {
				v.More = s.say("more_fields", "count", int64(len(rows)-i))
				break
			}
			v.Fields = append(v.Fields, s.field(r))
		}
		list = append(list, v)
	}
	if left > 0 {
		more = s.say("more_sources", "count", left)
	}
	return list, more
}

// field shows which part of the rows has a field, and which part of that was good.
// Of a field that several columns feed more cells may be filled than there are
// rows.
func (s speaker) field(r qualityRow) fieldView {
	whole := max(r.Read, r.Filled)
	return fieldView{Field: r.Field, RawFilled: r.Filled, RawLoaded: r.Valid,
		Filled: s.share(r.Filled, whole), Valid: s.share(r.Valid, r.Filled),
		Bar: stacked([]string{"q-valid", "q-invalid", "q-blank"}, []int64{r.Valid, r.Filled - r.Valid, whole - r.Filled})}
}

// fieldPlace is the place of a field in the catalogue; own fields come last.
func fieldPlace(name string) int {
	i := slices.IndexFunc(schemas.Fields, func(f schemas.Field) bool { return f.Name == name })
	if i < 0 {
		return len(schemas.Fields)
	}
	return i
}

func (s speaker) twice(sources []sourceRow) []twiceView {
	var list []twiceView
	for _, r := range sources {
		if r.Read == 0 {
			continue
		}
		list = append(list, twiceView{Source: short(r.Source, nameLength), Full: r.Source, Kind: s.say("kind_" + r.Kind), Rows: s.Number(r.Read),
			InFile: s.Number(r.Duplicate), Known: s.Number(r.Known), In: s.Number(r.Created), Merged: s.Number(r.Merged),
			RawInFile: r.Duplicate, RawKnown: r.Known,
			Bar: stacked([]string{"o-duplicate", "o-updated", "o-created", "q-blank"}, []int64{r.Duplicate, r.Known, r.Created, r.Rejected + r.Aside})})
		if len(list) == 12 {
			break
		}
	}
	return list
}

func (s speaker) fresh(q Request, d periodData) []freshView {
	var list []freshView
	for _, r := range d.fresh {
		v := freshView{Source: short(r.Source, nameLength), Full: r.Source, Kind: s.say("kind_" + r.Kind), Mark: "●", State: s.say("fresh_file")}
		at := r.LastApplied
		if r.State != "" {
			at = r.LastSuccess
			c := r.connection()
			switch {
			case r.State == schemas.ConnectionInvalid:
				v.Mark, v.State, v.Late = "■", s.say("fresh_invalid"), true
			case r.State == schemas.ConnectionDisconnected:
				v.Mark, v.State = "○", s.say("fresh_disconnected")
			case q.Overdue != nil && q.Overdue(c, q.Now, d.period.zone):
				v.Mark, v.State, v.Late = "▲", s.say("fresh_overdue"), true
			default:
				v.State = s.say("fresh_valid", "every", cmp.Or(r.Every, schemas.DefaultEvery))
			}
		}
		if at == nil {
			v.When = s.say("never")
		} else {
			v.When, v.Age = s.moment(at.In(d.period.zone)), s.age(q.Now.Sub(*at))
		}
		list = append(list, v)
	}
	// What needs a look comes first.
	slices.SortStableFunc(list, func(a, b freshView) int {
		switch {
		case a.Late == b.Late:
			return 0
		case a.Late:
			return -1
		}
		return 1
	})
	return list[:min(len(list), 20)]
}

func (s speaker) stageTimes(rows []stageRow) []stageView {
	var sum float64
	for _, r := range rows {
		sum += r.Seconds
	}
	list := make([]stageView, len(rows))
	for i, r := range rows {
		list[i] = stageView{Name: s.Say("stage_" + r.Stage), Runs: s.Number(r.Runs), Seconds: s.seconds(r.Seconds), Median: s.seconds(r.Median),
			Longest: s.seconds(r.Longest), Import: r.LongestImport, Bar: single("b-time", r.Seconds, rows[0].Seconds),
			Share: s.share(int64(1000*r.Seconds), int64(1000*sum))}
	}
	return list
}
