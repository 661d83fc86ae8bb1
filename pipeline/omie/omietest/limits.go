package omietest

import (
	"fmt"
	"maps"
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
	answers map[string]time.Time // canonical parameters → when they were asked, within a minute
}

// minute forgets what is older than a minute and returns how many remain.
func minute(starts []time.Time, now time.Time) []time.Time {
	i := 0
	for i < len(starts) && now.Sub(starts[i]) >= time.Minute {
		i++
	}
	return starts[i:]
}

// enter counts a call. It notes every limit that the call breaks, and returns the
// fault that ends it for the first of them.
func (s *Server) enter(name string, l *lane, params string, now time.Time) *Fault {
	var first *Fault
	broke := func(f Fault, format string, args ...any) {
		s.violations = append(s.violations, name+": "+fmt.Sprintf(format, args...))
		if first == nil {
			first = &f
		}
	}
	s.starts, l.starts = append(minute(s.starts, now), now), append(minute(l.starts, now), now)
	if left := l.until.Sub(now); left > 0 {
		broke(Blocked(countdown(left)), "called inside a block, %v before its end", left.Round(time.Second))
	}
	if n := len(s.starts); n > perMinute {
		broke(tooMany, "%d calls in a minute of all keys and methods", n)
	}
	if n := len(l.starts); n > perMinuteLane {
		broke(tooMany, "%d calls in a minute of the key and method", n)
	}
	if l.busy > 0 {
		broke(running, "%d calls at once", l.busy+1)
	}
	maps.DeleteFunc(l.answers, func(_ string, asked time.Time) bool { return now.Sub(asked) >= redundantFor })
	if asked, some := l.answers[params]; some {
		since := now.Sub(asked)
		broke(Redundant(countdown(redundantFor-since)), "the same call after %v", since.Round(time.Millisecond))
	}
	if first == nil {
		l.answers[params] = now
	}
	return first
}

// countdown is a time as Omie's texts tell it, in whole seconds, the last one begun.
func countdown(left time.Duration) int { return int(left/time.Second) + 1 }

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
