package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline/omie"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages/sync"
)

func TestRecordsTellCompaniesApart(t *testing.T) {
	t.Parallel()
	// A record is its id and its document; "" for none.
	type records map[int64]string
	a, b := "11.222.333/0001-81", "11.444.777/0001-61"
	tests := []struct {
		name         string
		known, there records
		want         bool
	}{
		{"all the same", records{1: a, 2: b}, records{1: a, 2: b}, true},
		{"documents written differently", records{1: a}, records{1: "11222333000181"}, true},
		{"half came back", records{1: a, 2: b, 3: "", 4: ""}, records{1: a, 2: b}, true},
		{"fewer than half", records{1: a, 2: b, 3: ""}, records{1: a}, false},
		{"nothing", records{1: ""}, nil, false},
		{"no documents to compare", records{1: "", 2: a}, records{1: a, 2: ""}, true},
		{"the same ids, other documents", records{1: a, 2: a}, records{1: b, 2: b}, false},
		{"half of the documents changed", records{1: a, 2: a}, records{1: a, 2: b}, true},
		{"most of the documents changed", records{1: a, 2: a, 3: a}, records{1: a, 2: b, 3: b}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var known []postgres.KnownRecord
			for id, document := range tt.known {
				known = append(known, postgres.KnownRecord{ID: id, DocumentHash: sync.DocumentHash(document)})
			}
			var there []omie.Customer
			for id, document := range tt.there {
				there = append(there, omie.Customer{ID: omie.Number(id), Document: omie.Text(document)})
			}
			if got := sameRecords(known, there); got != tt.want {
				t.Errorf("the same company: %v, want %v", got, tt.want)
			}
		})
	}
}

// Flags that are not given keep what a connection has, its schedule too.
func TestConnectingAgain(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	minutes := func(n int) time.Time { return now.Add(time.Duration(n) * time.Minute) }
	blank, list, yes := "", "clientes", true
	tests := []struct {
		name          string
		flags         omieConnect
		before        schemas.Connection
		settings      schemas.ConnectionSettings
		nextRun, due  time.Time
		full, laterOK bool // LastFull is kept; NextRun may be late by a tenth
	}{
		{name: "new", flags: omieConnect{List: &list}, before: schemas.Connection{State: schemas.ConnectionDisconnected},
			settings: schemas.ConnectionSettings{List: "clientes"}, nextRun: now, due: now, full: true},
		{name: "was invalid", before: schemas.Connection{State: schemas.ConnectionInvalid, Settings: schemas.ConnectionSettings{Every: "2h"}},
			settings: schemas.ConnectionSettings{Every: "2h"}, nextRun: now, due: now, full: true},
		{name: "nothing is given", before: schemas.Connection{State: schemas.ConnectionValid, NextRun: minutes(7), Due: minutes(1), Settings: schemas.ConnectionSettings{List: "a", Tags: []string{"X"}}},
			settings: schemas.ConnectionSettings{List: "a", Tags: []string{"X"}}, nextRun: minutes(7), due: minutes(1), full: true},
		{name: "another interval", flags: omieConnect{Every: "1h"}, before: schemas.Connection{State: schemas.ConnectionValid, NextRun: minutes(7), Due: minutes(7)},
			settings: schemas.ConnectionSettings{Every: "1h"}, nextRun: minutes(60), due: minutes(60), full: true, laterOK: true},
		{name: "another interval, with signals that wait", flags: omieConnect{Every: "1h"}, before: schemas.Connection{State: schemas.ConnectionValid, NextRun: minutes(7), Due: minutes(1)},
			settings: schemas.ConnectionSettings{Every: "1h"}, nextRun: minutes(60), due: minutes(1), full: true, laterOK: true},
		{name: "blank ones bring the defaults back", flags: omieConnect{List: &blank, Tag: []string{""}},
			before:   schemas.Connection{State: schemas.ConnectionValid, NextRun: minutes(7), Due: minutes(7), Settings: schemas.ConnectionSettings{List: "a", Tags: []string{"X"}}},
			settings: schemas.ConnectionSettings{Tags: []string{}}, nextRun: minutes(7), due: minutes(7)},
		{name: "inactive ones, too", flags: omieConnect{IncludeInactive: &yes}, before: schemas.Connection{State: schemas.ConnectionValid, NextRun: minutes(7), Due: minutes(7)},
			settings: schemas.ConnectionSettings{IncludeInactive: true}, nextRun: minutes(7), due: minutes(7)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := tt.before
			c.LastFull = now
			n := connecting{omieConnect: tt.flags, s: &session{clock: func() time.Time { return now }}}
			if err := n.schedule(&c); err != nil {
				t.Fatal(err)
			}
			n.settle(&c)
			if diff := cmp.Diff(tt.settings, c.Settings); diff != "" {
				t.Errorf("settings mismatch (-want +got):\n%s", diff)
			}
			late := time.Duration(0)
			if tt.laterOK {
				late = time.Minute
			}
			if d := c.NextRun.Sub(tt.nextRun); d < 0 || d > late {
				t.Errorf("next run %v, want %v", c.NextRun, tt.nextRun)
			}
			if d := c.Due.Sub(tt.due); d < 0 || d > late {
				t.Errorf("due %v, want %v", c.Due, tt.due)
			}
			if c.LastFull.IsZero() == tt.full {
				t.Errorf("everything is read again: %v", c.LastFull.IsZero())
			}
		})
	}
}

func TestNamesOfConnections(t *testing.T) {
	t.Parallel()
	for name, ok := range map[string]bool{"loja": true, "Loja São Paulo": true, "2ª loja": true, "": false, "a:b": false, "12": false, "a\x00b": false, strings.Repeat("x", 61): false} {
		if err := (omieConnect{Name: name}).check(); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
	}
}
