package omie

import "time"

const (
	// Pause is the least time from start to start of two calls of one key and
	// method: 200 a minute, of 240 allowed.
	Pause = 300 * time.Millisecond
	// remembered is how long after its end the same call must not be made again. Omie
	// says a minute from when it heard it, which is some time before that end; the
	// second more is for its clock.
	remembered = 61 * time.Second
	// openAfter is how many errors in a row open the circuit: Omie blocks at ten.
	openAfter = 6
	// openFor is how long the circuit stays open at first, twice as long after each
	// error that follows: whether Omie forgets errors is not known.
	openFor = 5 * time.Minute
	maxOpen = time.Hour
	// unanswered is how long a call that was given up may go on at Omie's side.
	unanswered = 10 * time.Second
)

// Lane is what has to be remembered of a key and a method, by every process that
// calls: it is stored as JSON, and changed by one caller at a time. The zero value
// is that of a lane in which nobody called yet.
type Lane struct {
	Last         time.Time            `json:"last"`                   // start of the last call
	Running      time.Time            `json:"running,omitzero"`       // until when the one that started may take, zero when it ended
	Errors       int                  `json:"errors,omitempty"`       // in a row
	BlockedUntil time.Time            `json:"blocked_until,omitzero"` // no call before
	Asked        map[string]time.Time `json:"asked,omitempty"`        // hash of a call → when it ended, or started while it runs
}

// Ready returns when the call may start: now or earlier when it may at once.
// call is its hash.
func (l *Lane) Ready(now time.Time, call string) time.Time {
	at := now
	for _, t := range []time.Time{l.BlockedUntil, l.Running} {
		if t.After(at) {
			at = t
		}
	}
	if !l.Last.IsZero() && l.Last.Add(Pause).After(at) {
		at = l.Last.Add(Pause)
	}
	if asked, some := l.Asked[call]; some && asked.Add(remembered).After(at) {
		at = asked.Add(remembered)
	}
	return at
}

// Start notes that the call starts, and may take until the given time: when its
// caller dies the lane is free then.
func (l *Lane) Start(now time.Time, call string, until time.Time) {
	for c, asked := range l.Asked {
		if now.Sub(asked) >= remembered {
			delete(l.Asked, c)
		}
	}
	l.Last, l.Running = now, until
	l.ask(call, now)
}

func (l *Lane) ask(call string, at time.Time) {
	if l.Asked == nil {
		l.Asked = map[string]time.Time{}
	}
	l.Asked[call] = at
}

// End notes how the call ended: f is nil for a result.
func (l *Lane) End(now time.Time, call string, f *Fault) {
	l.Running = time.Time{}
	l.ask(call, now)
	if f == nil {
		l.Errors = 0
		return
	}
	if f.Status == 0 {
		l.Running = now.Add(unanswered)
		l.ask(call, l.Running)
	}
	l.Errors++
	switch {
	case f.Class == ClassRedundant && f.Wait > 0:
		l.ask(call, now.Add(f.Wait-remembered)) // Omie says when
	case f.Class == ClassRunning && l.Errors > 1:
		l.BlockedUntil = later(l.BlockedUntil, now.Add(remembered))
	case f.Class == ClassBlocked:
		l.BlockedUntil, l.Errors = now.Add(f.Wait), 0
	case f.Class == ClassTooMany || f.Class == ClassRunning:
		l.BlockedUntil = later(l.BlockedUntil, now.Add(f.Wait))
	case l.Errors >= openAfter:
		open := min(openFor<<min(l.Errors-openAfter, 8), maxOpen)
		l.BlockedUntil = later(l.BlockedUntil, now.Add(open))
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
