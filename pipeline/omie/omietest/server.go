package omietest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Options choose how the simulator behaves; the zero value is Omie as known.
type Options struct {
	// Scale is how many seconds of Omie's pass in one of ours, default 1.
	Scale float64
	// PageCap is the largest page, whatever is asked for, default 500.
	PageCap int
	// Faults200 sends faults with HTTP 200, as some services do.
	Faults200 bool
	// Latency passes before each answer, in Omie's time; the call is running so long.
	Latency time.Duration
	// Hooks choose how changes are told.
	Hooks HookOptions
}

// Server is the simulator: an http.Handler. All of it may be used by several
// goroutines.
type Server struct {
	options Options
	began   time.Time // in Omie's time and ours
	clock   func() time.Time

	mu         sync.Mutex
	apps       map[string]*App
	lanes      map[string]*lane
	starts     []time.Time
	queue      []failure
	calls      []Call
	violations []string
	// after is called with each call that was answered, without the lock.
	after func(Call)

	hooks hooks
}

// Call is a call as the simulator saw it.
type Call struct {
	App    string    `json:"app"` // its key
	Method string    `json:"method"`
	Page   int       `json:"page"` // 0 when none was asked for
	At     time.Time `json:"at"`   // in Omie's time
	// Fault is the faultcode, or "HTTP" and the status of an answer that was none of
	// Omie's; "" for a result.
	Fault string `json:"fault"`
}

// failure is a fault for a coming call.
type failure struct {
	method string // "" for any
	page   int    // 0 for any
	fault  Fault
}

// New returns a simulator without companies.
func New(o Options) *Server {
	if o.Scale <= 0 {
		o.Scale = 1
	}
	if o.PageCap <= 0 {
		o.PageCap = 500
	}
	s := &Server{options: o, clock: time.Now, apps: map[string]*App{}, lanes: map[string]*lane{}}
	s.began = s.clock()
	s.hooks = newHooks()
	return s
}

// now is the time of Omie's.
func (s *Server) now() time.Time {
	return s.began.Add(time.Duration(float64(s.clock().Sub(s.began)) * s.options.Scale))
}

// Now is the time of Omie's.
func (s *Server) Now() time.Time { return s.now() }

// pass waits until so much of Omie's time has passed. It reports false when ctx
// ended before.
func (s *Server) pass(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(time.Duration(float64(d) / s.options.Scale))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Fail lets the next call of a method, or of any when it is "", and of that page, or
// of any when it is 0, end with a fault. Several are used up in turn. Calls that
// break a limit use up none.
func (s *Server) Fail(method string, page int, faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range faults {
		s.queue = append(s.queue, failure{method, page, f})
	}
}

// After calls fn with every call that was answered, before its client hears of
// it: a test changes records between pages there.
func (s *Server) After(fn func(Call)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.after = fn
}

// Calls returns what was called so far, in order.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Call{}, s.calls...) // a list in JSON also when it is empty
}

// Violations returns the limits that clients broke, in order.
func (s *Server) Violations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.violations...)
}

// envelope is the body of a call.
type envelope struct {
	Call   string            `json:"call"`
	Key    json.RawMessage   `json:"app_key"` // digits, as text or number
	Secret string            `json:"app_secret"`
	Param  []json.RawMessage `json:"param"`
}

func (e envelope) key() string { return strings.Trim(string(e.Key), `"`) }

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	service, slash := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/api/v1/"), "/")
	switch {
	case r.Method != http.MethodPost:
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<html><body>Documentação</body></html>")
		return
	case !slash || service != "geral/clientes" && service != "geral/vendedores":
		http.NotFound(w, r)
		return
	}
	var e envelope
	if err := json.NewDecoder(r.Body).Decode(&e); err != nil {
		badParam.write(w, s.options.Faults200)
		return
	}
	answer, fault, delay, leave := s.serve(e)
	defer leave()
	if !s.pass(r.Context(), delay) {
		return
	}
	if fault != nil {
		fault.write(w, s.options.Faults200)
		return
	}
	text, err := json.Marshal(answer)
	if err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprint(w, escaped(string(text)))
}

// serve answers a call, under the limits. The answer is due after the delay, in
// Omie's time; the call is running until leave.
func (s *Server) serve(e envelope) (answer Record, fault *Fault, delay time.Duration, leave func()) {
	key := e.key()
	q, params, ok := parameter(e.Param)
	done := Call{App: key, Method: e.Call, Page: q.number("pagina", 0)}
	s.mu.Lock()
	name := key + " " + e.Call
	l := s.lanes[name]
	if l == nil {
		l = &lane{answers: map[string]time.Time{}}
		s.lanes[name] = l
	}
	now := s.now()
	fault = s.enter(name, l, params, now)
	l.busy++
	delay = s.options.Latency
	if fault == nil {
		injected := s.injected(e.Call, done.Page)
		delay += injected.Delay
		answer, fault = s.answer(e, q, ok, injected)
		if injected.block > 0 {
			l.until = now.Add(injected.block)
		}
		if injected.again > 0 {
			l.answers[params] = now.Add(injected.again - redundantFor)
		}
	}
	l.end(fault != nil, now)
	done.At, done.Fault = now, fault.name()
	s.calls = append(s.calls, done)
	after := s.after
	s.mu.Unlock()
	if after != nil {
		after(done)
	}
	return answer, fault, delay, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		l.busy--
	}
}

// answer answers a call that broke no limit: with what a test asked for, if it did,
// else with what there is.
func (s *Server) answer(e envelope, q request, ok bool, injected Fault) (Record, *Fault) {
	if injected.Status != 0 {
		return nil, &injected
	}
	app := s.apps[e.key()]
	switch {
	case app == nil || app.Secret != e.Secret:
		return nil, &noKey
	case app.refuses():
		return nil, &BadKey
	case !ok:
		return nil, &badParam
	}
	page := q.number("pagina", 0)
	if injected.back == 0 || page <= injected.back {
		return s.call(app, e.Call, q)
	}
	q["pagina"] = page - injected.back
	answer, fault := s.call(app, e.Call, q)
	if fault == nil {
		answer["pagina"] = page
	}
	return answer, fault
}

// injected takes the fault that a test asked for, if the call is the one; the zero
// Fault is none.
func (s *Server) injected(method string, page int) Fault {
	for i, f := range s.queue {
		if (f.method == "" || f.method == method) && (f.page == 0 || f.page == page) {
			s.queue = slices.Delete(s.queue, i, i+1)
			return f.fault
		}
	}
	return Fault{}
}

// parameter reads the one object of param; canonical is the same for the same
// parameters in any order.
func parameter(list []json.RawMessage) (q request, canonical string, ok bool) {
	q = request{}
	if len(list) != 1 {
		return q, "", false
	}
	d := json.NewDecoder(bytes.NewReader(list[0]))
	d.UseNumber()
	if err := d.Decode(&q); err != nil {
		return request{}, "", false
	}
	text, err := json.Marshal(q)
	return q, string(text), err == nil
}
