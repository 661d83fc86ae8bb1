package e2e

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// progress is where the tables say that an import is.
type progress struct {
	importID int64
	state    string
	stages   []stageRow // in the order in which they began
	work     []workRow
}

type stageRow struct {
	stage    string
	attempt  int64
	finished bool
}

type workRow struct {
	phase, state string
	epoch        int64
}

func (p progress) String() string {
	text := p.state
	for _, s := range p.stages {
		text += fmt.Sprintf(" %s%d", s.stage, s.attempt)
		if !s.finished {
			text += "…"
		}
	}
	for _, w := range p.work {
		text += fmt.Sprintf(" [%s %s %d]", w.phase, w.state, w.epoch)
	}
	return text
}

// order of the stages as they are watched.
var order = []string{"fetch", "parse", "validate", "dedupe", "resolve", "apply", "report"}

// position counts how far the newest attempt is: 2n between the first n stages
// and the next, 2n+1 within the next, -1 before the attempt began.
func (p progress) position(attempt int64) int {
	plan, report := p.phase("plan"), p.phase("report")
	switch {
	case p.importID == 0 || plan.epoch < attempt:
		return -1
	case report.state == "running":
		return 2*slices.Index(order, "report") + 1
	case report.state == "done":
		return 2 * len(order)
	}
	ended, open := 0, 0
	for _, s := range p.stages {
		epoch := plan.epoch
		if s.stage == "apply" {
			epoch = p.phase("apply").epoch
		}
		switch {
		case s.attempt != epoch:
		case s.finished:
			ended++
		default:
			open = 1
		}
	}
	return 2*ended + open
}

func (p progress) phase(name string) workRow {
	for _, w := range p.work {
		if w.phase == name {
			return w
		}
	}
	return workRow{}
}

// watcher follows the import of one object, or the first import after another one,
// through the tables, as the worker's role sees them.
type watcher struct {
	p     *process // that works on it
	conn  *pgx.Conn
	key   string
	after int64
}

func (w watcher) read(t *testing.T) progress {
	t.Helper()
	var p progress
	err := w.conn.QueryRow(t.Context(), `select import_id, state from bateia.imports
		where key = $1 and $2::bigint = 0 or import_id > $2 and $2 > 0 order by import_id limit 1`, w.key, w.after).Scan(&p.importID, &p.state)
	if errors.Is(err, pgx.ErrNoRows) {
		return p
	}
	if err != nil {
		t.Fatalf("read import: %v", err)
	}
	rows, err := w.conn.Query(t.Context(), `select stage, attempt, finished_at is not null from bateia.import_stages
		where import_id = $1 order by started_at`, p.importID)
	if err == nil {
		p.stages, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (s stageRow, err error) {
			return s, r.Scan(&s.stage, &s.attempt, &s.finished)
		})
	}
	if err != nil {
		t.Fatalf("read stages: %v", err)
	}
	rows, err = w.conn.Query(t.Context(), "select phase, state, epoch from bateia.work where import_id = $1 order by phase", p.importID)
	if err == nil {
		p.work, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (v workRow, err error) {
			return v, r.Scan(&v.phase, &v.state, &v.epoch)
		})
	}
	if err != nil {
		t.Fatalf("read work: %v", err)
	}
	return p
}

// moment is where the program is to be stopped: in a stage once it has run for
// so long, or, without a stage, between any two stages of the plan.
type moment struct {
	stage   string
	ran     time.Duration
	attempt int64 // in this attempt at the plan or a later one
}

// at compares a position with the moment: -2 long before, -1 near, 0 there, 1 past.
func (m moment) at(position int) int {
	first, last := 2, 2*slices.Index(order, "resolve")
	if m.stage != "" {
		first = 2*slices.Index(order, m.stage) + 1
		last = first
	}
	switch {
	case position > last:
		return 1
	case position >= first:
		return position%2 - last%2
	case position >= max(0, first-2):
		return -1
	}
	return -2
}

// settle waits until Postgres has done what a frozen program sent before, so that what
// the tables say stays true.
func (w watcher) settle(t *testing.T) {
	t.Helper()
	eventually(t, patience, "Postgres rests", func() (bool, error) {
		return column[bool](t, w.conn, `select not exists (select from pg_stat_activity
			where pid <> pg_backend_pid() and state = 'active' and wait_event_type is distinct from 'Client' and wait_event_type is distinct from 'Lock')`)[0], nil
	})
}

// catch stops the program at a moment and leaves it frozen; false when the import
// went past. Near the moment the program only runs while one question is asked
// and stands still for the next, so that what the tables say is how it is.
func (w watcher) catch(t *testing.T, m moment) (progress, bool) {
	t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	var ran time.Duration
	for time.Now().Before(deadline) {
		began := time.Now()
		if m.at(w.read(t).position(m.attempt)) == -2 {
			continue
		}
		if err := w.p.freeze(); err != nil {
			t.Fatal(err)
		}
		granted := time.Since(began)
		w.settle(t)
		p := w.read(t)
		at := m.at(p.position(m.attempt))
		if at == 0 {
			if ran += granted; ran >= m.ran {
				return p, true
			}
		}
		if err := w.p.thaw(); err != nil {
			t.Fatal(err)
		}
		if at == 1 {
			return p, false
		}
	}
	t.Fatalf("the import does not come to %+v: %s", m, w.read(t))
	return progress{}, false
}
