package htmlreport

import (
	"fmt"
	"time"

	"github.com/bateia/bateia/schemas"
)

// importRow is an import as the views have it.
type importRow struct {
	ID          string `json:"import_id"`
	Account     string `json:"account"`
	Kind        string `json:"source_kind"`
	Source      string `json:"source"`
	Object      string `json:"object"`
	FileName    string `json:"file_name"`
	Size        int64  `json:"size"`
	List        string `json:"list"`
	RequestedBy string `json:"requested_by"`
	State       string `json:"state"`
	Held        bool   `json:"held"`
	Code        string `json:"code"`
	ledger
	Blank     int64      `json:"blank"`
	NewOnes   int64      `json:"prospects_created"`
	Changed   int64      `json:"prospects_updated"`
	Merged    int64      `json:"prospects_merged"`
	CreatedAt time.Time  `json:"created_at"`
	StartedAt *time.Time `json:"started_at"`
	Finished  *time.Time `json:"finished_at"`
	Seconds   *float64   `json:"seconds"`
	PerSecond *float64   `json:"rows_per_second"`
	UndoOf    string     `json:"undo_of"`
	RedoOf    string     `json:"redo_of"`
	ReplayOf  string     `json:"replay_of"`
	Valid     int64      `json:"valid"`
	Leads     int64      `json:"leads"`
	Prospects int64      `json:"prospects"`
}

type columnRow struct {
	Position   int     `json:"position"`
	Name       string  `json:"name"`
	Field      string  `json:"field"`
	Confidence float64 `json:"confidence"`
	Reason     string  `json:"reason"`
	Filled     int64   `json:"filled"`
	Valid      int64   `json:"valid"`
	Imported   bool    `json:"imported"`
}

type importStageRow struct {
	Stage     string    `json:"stage"`
	Attempt   int64     `json:"attempt"`
	StartedAt time.Time `json:"started_at"`
	Seconds   *float64  `json:"seconds"`
	Rows      int64     `json:"rows"`
	Bytes     int64     `json:"bytes"`
}

type codeRow struct {
	Code string `json:"code"`
	Rows int64  `json:"rows"`
}

// name is what people call an import: its file, its connection, or what was
// decided.
func (s speaker) name(i importRow) string {
	switch {
	case i.FileName != "":
		return i.FileName
	case i.Kind == "manual" && i.UndoOf != "":
		return s.Say("decision_undo") + " " + i.UndoOf
	case i.Kind == "manual":
		return s.Say("decision_" + i.Source)
	}
	return i.Source
}

// state names the state, held imports by what they are.
func (s speaker) state(i importRow) string {
	if i.Held && i.State == string(schemas.Ready) {
		return s.Say("held")
	}
	return s.Say("state_" + i.State)
}

// trouble reports whether somebody should look at an import.
func (i importRow) trouble() bool {
	return i.State == string(schemas.Rejected) || i.State == string(schemas.Failed) || i.Held && i.State == string(schemas.Ready)
}

// line is an import in the table of a period.
func (s speaker) line(i importRow, zone *time.Location) importLine {
	number := func(n int64) string {
		if n == 0 {
			return "·"
		}
		return s.Number(n)
	}
	l := importLine{ID: i.ID, When: s.dayMonth(i.CreatedAt.In(zone)) + nbsp + i.CreatedAt.In(zone).Format("15:04"), Name: short(s.name(i), nameLength),
		Full: s.name(i), List: short(i.List, nameLength), State: s.state(i), Code: i.Code, Trouble: i.trouble(), Took: "·",
		Read: number(i.Read), New: number(i.Created), Changed: number(i.Updated), Same: number(i.Unchanged + i.Duplicate),
		Refused: number(i.Rejected + i.Conflict), RawRead: i.Read, RawRefused: i.Rejected + i.Conflict}
	if i.Seconds != nil {
		l.Took = s.seconds(*i.Seconds)
	}
	return l
}

// importView is the page about one import.
type importView struct {
	ID, Name, State, Lead string
	Places                string // what rows are named by
	Trouble               bool
	Facts                 []fact
	Code, Message, Remedy string
	Figures               []figure
	Steps                 []stepView
	Outcomes              []series
	Whole                 bar
	Blank                 string
	Planned               bool // the ledger is what would be
	Undone                bool // the ledger is what was
	Unwritten             string
	Causes                causesView
	Warnings              []warningView
	Columns               []columnView
	Stages                []stageView
	Next                  []command
}

type fact struct{ Label, Text string }

// stepView is a step of the funnel.
type stepView struct {
	Key, Label, Count, Share, Lost string
	Raw                            int64
	Bar                            bar
}

type warningView struct{ Code, Sentence, Count string }

type columnView struct {
	Name, Full, Field, Confidence, Reason, Filled, Valid string
	Unnamed                                              bool
	Imported                                             bool
	Bar                                                  bar
}

// command is something to do next.
type command struct{ Text, Line string }

// facts say what the import was.
func (s speaker) facts(i importRow, zone *time.Location) []fact {
	list := []fact{{s.say("fact_name"), s.name(i)}, {s.say("fact_import"), i.ID}, {s.say("fact_account"), i.Account}, {s.say("fact_source"), s.say("kind_"+i.Kind) + " · " + i.Source}}
	add := func(key, text string) {
		if text != "" {
			list = append(list, fact{s.say("fact_" + key), text})
		}
	}
	add("object", i.Object)
	if i.Size > 0 {
		add("size", s.size(i.Size))
	}
	add("list", i.List)
	add("by", i.RequestedBy)
	add("created", s.moment(i.CreatedAt.In(zone)))
	if i.StartedAt != nil {
		add("started", s.moment(i.StartedAt.In(zone)))
	}
	if i.Finished != nil {
		add("finished", s.moment(i.Finished.In(zone)))
	}
	if i.Seconds != nil {
		took := s.seconds(*i.Seconds)
		if i.PerSecond != nil && i.Read > 0 {
			took += " · " + s.Say("rows_per_second", "count", int64(*i.PerSecond))
		}
		add("took", took)
	}
	add("undo_of", i.UndoOf)
	add("redo_of", i.RedoOf)
	add("replay_of", i.ReplayOf)
	return list
}

// funnel is read → valid → leads → prospects. The last two are of imports that
// count today.
func (s speaker) funnel(i importRow) []stepView {
	if i.Read == 0 {
		return nil
	}
	steps := []stepView{{Key: "rows_read", Raw: i.Read}, {Key: "valid", Raw: i.Valid, Lost: s.lost("refused", i.Rejected)}}
	if i.State == string(schemas.Applied) {
		steps = append(steps,
			stepView{Key: "leads", Raw: i.Leads, Lost: s.lost("no_lead", i.Valid-i.Leads)},
			stepView{Key: "prospects", Raw: i.Prospects, Lost: s.lost("same_prospect", i.Leads-i.Prospects)})
	}
	width := func(n int64) float64 { return min(max(100*float64(n)/float64(i.Read), 0), 100) }
	for n := range steps {
		st := &steps[n]
		st.Label, st.Count, st.Share = s.say("step_"+st.Key), s.Number(st.Raw), s.percent(st.Raw, i.Read)
		st.Bar = bar{Parts: []rect{{W: max(width(st.Raw), 0.4), H: 62, Class: "b-step"}}}
		if n+1 < len(steps) {
			st.Bar.Next = fmt.Sprintf("0,62 %s,62 %s,100 0,100", px(width(st.Raw)), px(width(steps[n+1].Raw)))
		}
	}
	return steps
}

func (s speaker) lost(key string, n int64) string {
	if n <= 0 {
		return ""
	}
	return s.say("lost_"+key, "count", n)
}

func (s speaker) importFigures(i importRow) []figure {
	list := []figure{
		{Key: "rows_read", Raw: i.Read, Note: s.blank(i.Blank)},
		{Key: "prospects_created", Raw: i.NewOnes, Note: ""},
		{Key: "prospects_updated", Raw: i.Changed, Note: ""},
		{Key: "rejected", Raw: i.Rejected, Note: s.say("of_rows", "share", s.percent(i.Rejected, i.Read))},
		{Key: "duplicate", Raw: i.Duplicate, Note: s.say("of_rows", "share", s.percent(i.Duplicate, i.Read))},
	}
	if i.Merged > 0 {
		list[2].Note = s.say("merged", "count", i.Merged)
	}
	for n := range list {
		list[n].Label, list[n].Value = s.say("figure_"+list[n].Key), s.Number(list[n].Raw)
	}
	list[4].Label = s.say("figure_duplicate_one")
	if i.Seconds != nil {
		took := figure{Key: "milliseconds", Label: s.say("fact_took"), Value: s.seconds(*i.Seconds), Raw: int64(1000 * *i.Seconds)}
		if i.PerSecond != nil {
			took.Note = s.Say("rows_per_second", "count", int64(*i.PerSecond))
		}
		list = append(list, took)
	}
	return list
}

func (s speaker) blank(n int64) string {
	if n == 0 {
		return ""
	}
	return s.say("blank", "count", n)
}

func (s speaker) columns(rows []columnRow, read int64) []columnView {
	list := make([]columnView, len(rows))
	for i, r := range rows {
		whole := max(read, r.Filled)
		v := columnView{Name: short(r.Name, nameLength), Full: r.Name, Field: r.Field, Imported: r.Imported, Filled: s.share(r.Filled, whole), Valid: "·", Reason: r.Reason}
		if r.Name == "" {
			v.Name, v.Unnamed = s.say("unnamed", "position", int64(r.Position+1)), true
		}
		if r.Imported && r.Field != "" {
			v.Confidence, v.Valid = s.Decimal(r.Confidence, 2), s.share(r.Valid, r.Filled)
			v.Bar = stacked([]string{"q-valid", "q-invalid", "q-blank"}, []int64{r.Valid, r.Filled - r.Valid, whole - r.Filled})
		} else {
			v.Field = s.say("not_imported")
			v.Bar = stacked([]string{"q-other", "q-blank"}, []int64{r.Filled, whole - r.Filled})
		}
		list[i] = v
	}
	return list
}

// importStages shows the stages in the order in which they ran.
func (s speaker) importStages(rows []importStageRow) []stageView {
	var sum, longest float64
	for _, r := range rows {
		if r.Seconds != nil {
			sum, longest = sum+*r.Seconds, max(longest, *r.Seconds)
		}
	}
	list := make([]stageView, len(rows))
	for i, r := range rows {
		list[i] = stageView{Name: s.Say("stage_" + r.Stage), Runs: s.Number(r.Rows), Seconds: "…", Share: "–"}
		if r.Seconds != nil {
			list[i].Seconds, list[i].Share = s.seconds(*r.Seconds), s.share(int64(1000**r.Seconds), int64(1000*sum))
			list[i].Bar = single("b-time", *r.Seconds, longest)
		}
	}
	return list
}

// next are the commands that make sense now.
func (s speaker) next(i importRow) []command {
	var list []command
	add := func(key, line string) { list = append(list, command{s.say("next_" + key), "bateia " + line}) }
	file := i.Object != ""
	switch schemas.State(i.State) {
	case schemas.Ready:
		add("plan", "plan "+i.ID+" --rows")
		add("issues", "issues "+i.ID+" --summary")
		add("apply", "apply "+i.ID)
		add("cancel", "cancel "+i.ID)
	case schemas.Applied:
		if i.Rejected+i.Conflict > 0 && file {
			add("feedback", "feedback "+i.ID+" -o "+s.say("feedback_file"))
			add("replay", "replay "+i.ID+" --plan-only")
		}
		if i.Rejected > 0 && !file && i.Kind == "omie" {
			add("issues", "issues "+i.ID+" --summary")
		}
		add("undo", "undo "+i.ID+" --preview")
	case schemas.Rejected, schemas.Failed, schemas.Canceled, schemas.Undone:
		if file {
			add("redo", "redo "+i.ID+" --plan-only")
		}
		add("show", "show "+i.ID)
	default:
		add("show", "show "+i.ID)
	}
	return list
}
