package jobs

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

func TestTroubleOf(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) // a Monday
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	for _, tt := range []struct {
		name    string
		c       schemas.Connection
		blocked time.Time
		want    string
	}{
		{"well", schemas.Connection{State: schemas.ConnectionValid, LastSuccess: ago(44 * time.Minute), NextRun: now}, time.Time{}, ""},
		{"three quarters of an hour of silence", schemas.Connection{State: schemas.ConnectionValid, LastSuccess: ago(46 * time.Minute), NextRun: now}, time.Time{}, TroubleLate},
		{"new", schemas.Connection{State: schemas.ConnectionValid, CreatedAt: ago(time.Minute), NextRun: now}, time.Time{}, ""},
		{"never any success", schemas.Connection{State: schemas.ConnectionValid, CreatedAt: ago(time.Hour), NextRun: now}, time.Time{}, TroubleLate},
		{"not scheduled", schemas.Connection{State: schemas.ConnectionValid, CreatedAt: ago(time.Hour)}, time.Time{}, ""},
		{"on workdays, since Friday", schemas.Connection{State: schemas.ConnectionValid, LastSuccess: ago(73 * time.Hour), NextRun: now,
			Settings: schemas.ConnectionSettings{Every: "0 6 * * 1-5"}}, time.Time{}, ""},
		{"on workdays, since Wednesday", schemas.Connection{State: schemas.ConnectionValid, LastSuccess: ago(125 * time.Hour), NextRun: now,
			Settings: schemas.ConnectionSettings{Every: "0 6 * * 1-5"}}, time.Time{}, TroubleLate},
		{"refused", schemas.Connection{State: schemas.ConnectionInvalid}, now.Add(time.Hour), TroubleInvalid},
		{"blocked", schemas.Connection{State: schemas.ConnectionValid, LastSuccess: now}, now.Add(20 * time.Minute), TroubleBlocked},
		{"blocked before", schemas.Connection{State: schemas.ConnectionValid, LastSuccess: now}, ago(time.Minute), ""},
		{"disconnected", schemas.Connection{State: schemas.ConnectionDisconnected, LastSuccess: ago(1000 * time.Hour)}, time.Time{}, ""},
	} {
		if got := TroubleOf(tt.c, tt.blocked, now, time.UTC); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// People are told once of each trouble and of its end, and again when telling
// failed.
func TestTroubleIsToldOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	var told []string
	var failing error
	var blocked time.Time
	s := w.service(func(c *Config) {
		c.BlockedUntil = func(context.Context, schemas.Connection) (time.Time, error) { return blocked, nil }
		c.TellTrouble = func(_ context.Context, account schemas.Account, c schemas.Connection, trouble string, _ time.Time) error {
			if failing == nil {
				told = append(told, account.Slug+" "+c.Name+" "+trouble)
			}
			return failing
		}
	})
	change := func(fn func(*schemas.Connection)) {
		_, err := w.db.Connect(t.Context(), postgres.AccountDefault, "Matriz", func(c *schemas.Connection) error { fn(c); return nil })
		must(t, err)
	}
	watch := func() {
		if err := s.watchConnections(t.Context()); err != nil && failing == nil {
			t.Fatal(err)
		}
	}
	change(func(c *schemas.Connection) { c.State, c.LastSuccess = schemas.ConnectionValid, time.Now() })
	watch()
	failing = errors.New("not now")
	change(func(c *schemas.Connection) { c.State = schemas.ConnectionInvalid })
	watch()
	failing = nil
	watch()
	watch()
	change(func(c *schemas.Connection) { c.State = schemas.ConnectionValid })
	blocked = time.Now().Add(time.Hour)
	watch()
	watch()
	blocked = time.Time{}
	watch()
	if diff := cmp.Diff([]string{"default Matriz invalid", "default Matriz blocked", "default Matriz "}, told); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}
