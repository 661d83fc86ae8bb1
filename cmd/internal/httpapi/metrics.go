package httpapi

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/bateia/bateia/schemas"
)

// states are always told, also when there is none of them, so that a rule can
// compare with 0.
var states = []string{
	string(schemas.Received), string(schemas.Planning), string(schemas.Ready), "held", string(schemas.Applying), string(schemas.Applied),
	string(schemas.Rejected), string(schemas.Failed), string(schemas.Canceled), string(schemas.Undone),
}

// open are the states that an import should leave again.
var open = []string{string(schemas.Received), string(schemas.Planning), string(schemas.Ready), "held", string(schemas.Applying)}

var connectionStates = []string{schemas.ConnectionValid, schemas.ConnectionInvalid, schemas.ConnectionDisconnected}

// collector asks the database when it is scraped, so that every worker tells
// the same and nothing is lost when one ends.
type collector struct {
	db     Database
	bucket string
	clock  func() time.Time
	log    *slog.Logger
	one    sync.Mutex // two scrapes at once would ask twice

	up, imports, oldest, held, unscanned, runs, seconds, rows, jobs, connections, success *prometheus.Desc
}

func newCollector(db Database, bucket string, clock func() time.Time, log *slog.Logger) *collector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("bateia_"+name, help, labels, nil)
	}
	return &collector{
		db: db, bucket: bucket, clock: clock, log: log,
		up:        desc("database_up", "1 when the database answered this scrape."),
		imports:   desc("imports", "Imports by state; those held at ready apart.", "state"),
		oldest:    desc("oldest_import_age_seconds", "Since the oldest import in an open state was registered.", "state"),
		held:      desc("held_imports", "Imports that wait for a decision."),
		unscanned: desc("oldest_unscanned_drop_seconds", "At most so long a drop can have lain unseen: since the last finished scan began."),
		runs:      desc("stage_runs_total", "Finished runs of a stage.", "stage"),
		seconds:   desc("stage_seconds_total", "Time that finished runs of a stage took.", "stage"),
		rows:      desc("stage_rows_total", "Rows that finished runs of a stage handled.", "stage"),
		jobs:      desc("jobs", "Jobs that are not over, by queue and state.", "queue", "state"),

		connections: desc("omie_connection_state", "1 for the state that a connection to Omie has.", "account", "connection", "state"),
		success:     desc("omie_last_success_age_seconds", "Since the last sync of a connection succeeded; nothing before the first.", "account", "connection"),
	}
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.up, c.imports, c.oldest, c.held, c.unscanned, c.runs, c.seconds, c.rows, c.jobs, c.connections, c.success} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	c.one.Lock()
	defer c.one.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), askWithin)
	defer cancel()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	counter := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v, labels...)
	}
	h, err := c.db.ReadHealth(ctx, c.bucket)
	if err != nil {
		c.log.WarnContext(ctx, "read metrics", "error", err.Error())
		gauge(c.up, 0)
		return
	}
	now := c.clock()
	gauge(c.up, 1)
	gauge(c.held, float64(h.States["held"].Imports))
	for _, s := range states {
		n := h.States[s]
		gauge(c.imports, float64(n.Imports), s)
		if slices.Contains(open, s) {
			age := 0.0
			if n.Imports > 0 {
				age = max(0, now.Sub(n.Oldest).Seconds())
			}
			gauge(c.oldest, age, s)
		}
	}
	if !h.Scanned.IsZero() {
		gauge(c.unscanned, max(0, now.Sub(h.Scanned).Seconds()))
	}
	for stage, sum := range h.Stages {
		counter(c.runs, float64(sum.Runs), stage)
		counter(c.seconds, sum.Seconds, stage)
		counter(c.rows, float64(sum.Rows), stage)
	}
	for _, q := range h.Queues {
		gauge(c.jobs, float64(q.Jobs), q.Queue, q.State)
	}
	for _, n := range h.Connections {
		account, id := strconv.Itoa(int(n.Account)), strconv.Itoa(int(n.ID))
		for _, state := range connectionStates {
			gauge(c.connections, map[bool]float64{true: 1}[state == n.State], account, id, state)
		}
		if !n.LastSuccess.IsZero() {
			gauge(c.success, max(0, now.Sub(n.LastSuccess).Seconds()), account, id)
		}
	}
}
