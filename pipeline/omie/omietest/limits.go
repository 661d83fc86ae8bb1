package omietest

import (
	"fmt"
	"time"
)

// What Omie counts. Four at once are allowed on paper, and refused in practice.
const (
	redundantFor  = time.Minute
	blockAfter    = 10 // errors in a row
	blockFor      = 30 * time.Minute
	perMinute     = 960 // of everybody: one address
	perMinuteLane = 240 // of a key and a method
)

// lane is what Omie counts together: a key and a method.
type lane struct {
	busy    int
	starts  []time.Time
	errors  int // in a row
	until   time.Time
	answers map[string]time.Time // canonical parameters → when they were asked
}

// minute forgets what is older than a minute and returns how many remain.
func minute(starts []time.Time, now time.Time) []time.Time {
	i := 0
	for i < len(starts) && now.Sub(starts[i]) >= time.Minute {
		i++
	}
	return starts[i:]
}

// enter counts a call. It returns the fault that ends it, if it breaks a limit.
func (s *Server) enter(name string, l *lane, params string, now time.Time) *Fault {
	broke := func(format string, args ...any) {
		s.violations = append(s.violations, name+": "+fmt.Sprintf(format, args...))
	}
	if now.Before(l.until) {
		broke("called inside a block of %v", l.until.Sub(now).Round(time.Second))
		f := Blocked(int(l.until.Sub(now)/time.Second) + 1)
		return &f
	}
	s.starts, l.starts = append(minute(s.starts, now), now), append(minute(l.starts, now), now)
	if len(s.starts) > perMinute || len(l.starts) > perMinuteLane {
		broke("%d calls in a minute, %d of all", len(l.starts), len(s.starts))
		return &Fault{Status: 429}
	}
	if l.busy > 0 {
		broke("%d calls at once", l.busy+1)
		return &running
	}
	if asked, some := l.answers[params]; some && now.Sub(asked) < redundantFor {
		broke("the same call after %v", now.Sub(asked).Round(time.Millisecond))
		f := Redundant(int((redundantFor-now.Sub(asked))/time.Second) + 1)
		return &f
	}
	l.answers[params] = now
	return nil
}

// end counts how a call ended.
func (l *lane) end(failed bool, now time.Time) {
	if !failed {
		l.errors = 0
		return
	}
	if l.errors++; l.errors >= blockAfter {
		l.until, l.errors = now.Add(blockFor), 0
	}
}
