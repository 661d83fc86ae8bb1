package omietest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// How Omie sends, and sends again what was not answered; the pause between quick
// tries is a guess.
const (
	hookTimeout  = 7 * time.Second
	quickTries   = 3
	quickPause   = time.Second
	slowPause    = 10 * time.Minute
	givenUpAfter = 5 * 24 * time.Hour
)

// ErrClosed is the end of what waits for a server that was closed.
var ErrClosed = errors.New("the simulator is closed")

// HookOptions choose how changes are told; the zero value is Omie as known.
type HookOptions struct {
	// Timeout is how long an endpoint may take to answer, default 7 s. It is time of
	// ours, not Omie's, as the endpoint is a real program.
	Timeout time.Duration
	// Twice sends each message a second time, behind those that wait.
	Twice bool
	// Reversed keeps messages back until Flush, and sends the last one first then.
	Reversed bool
}

// Message is one message to an endpoint.
type Message struct {
	ID     string `json:"id"`    // messageId, the same when it is sent again; "" for a ping
	Topic  string `json:"topic"` // "" for a ping
	App    string `json:"app"`   // key of the company
	URL    string `json:"url"`
	Tries  int    `json:"tries"`
	Status int    `json:"status"` // of the last answer; 0 when there was none
	Over   bool   `json:"over"`   // answered with 2xx, or given up
}

// message is a message with its text.
type message struct {
	Message
	body  []byte
	again bool // it was sent before, and is not sent a third time
}

// endpoint is a URL that hears of the changes of a company. Its queue is guarded by
// the server's lock, and worked off by one goroutine.
type endpoint struct {
	app   *App
	url   string
	queue []*message
	wake  chan struct{} // holds one when the goroutine has to look again
}

func (e *endpoint) nudge() {
	select {
	case e.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// hooks are all endpoints and what they were sent. The server's lock guards all
// but sending.
type hooks struct {
	client    *http.Client
	endpoints []*endpoint
	messages  []*message
	waiting   int           // messages that are not over
	idle      chan struct{} // closed while none waits
	flushing  int           // calls of Flush
	closed    chan struct{}
	stops     []context.CancelFunc
	sending   sync.WaitGroup
}

func newHooks() hooks {
	idle := make(chan struct{})
	close(idle)
	client := &http.Client{
		Transport: &http.Transport{},
		// A redirect is no answer.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return hooks{client: client, idle: idle, closed: make(chan struct{})}
}

// Hook registers an endpoint of a company: it is pinged once, and hears of every
// customer that Put and Delete change from now on. One goroutine sends, one message
// after the other: one that is not answered with 2xx in time is tried again, twice
// at once, then every ten minutes of Omie's for five days, and those behind it wait.
// Close ends it. A closed server registers nothing.
func (s *Server) Hook(a *App, url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.hooks.closed:
		return
	default:
	}
	e := &endpoint{app: a, url: url, wake: make(chan struct{}, 1)}
	s.hooks.endpoints = append(s.hooks.endpoints, e)
	s.enqueue(e, &message{Message: Message{App: a.Key, URL: url}, body: []byte(pingBody)})
	ctx, cancel := context.WithCancel(context.Background())
	s.hooks.stops = append(s.hooks.stops, cancel)
	s.hooks.sending.Go(func() { s.sendAll(ctx, e) })
}

// Flush waits until every message was answered, or given up. It sends what
// HookOptions.Reversed keeps back. The error is that of ctx, or ErrClosed.
func (s *Server) Flush(ctx context.Context) error {
	s.mu.Lock()
	s.hooks.flushing++
	for _, e := range s.hooks.endpoints {
		e.nudge()
	}
	idle := s.hooks.idle
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.hooks.flushing--
	}()
	select {
	case <-idle:
		return nil
	default:
	}
	select {
	case <-idle:
		return nil
	case <-s.hooks.closed:
		return ErrClosed
	case <-ctx.Done():
		return fmt.Errorf("flush messages: %w", ctx.Err())
	}
}

// Close ends sending and waits for what sends. Calls are answered as before. It may
// be called more than once.
func (s *Server) Close() {
	s.mu.Lock()
	select {
	case <-s.hooks.closed:
	default:
		close(s.hooks.closed)
	}
	for _, stop := range s.hooks.stops {
		stop()
	}
	s.mu.Unlock()
	s.hooks.sending.Wait()
	s.hooks.client.CloseIdleConnections()
}

// Sent returns the messages of all endpoints, those that wait among them, in the
// order in which the changes came.
func (s *Server) Sent() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Message, len(s.hooks.messages))
	for i, m := range s.hooks.messages {
		out[i] = m.Message
	}
	return out
}

// tell lets the endpoints of a company hear of a change, under the lock.
func (s *Server) tell(a *App, topic string, r Record) {
	for _, e := range s.hooks.endpoints {
		if e.app != a {
			continue
		}
		id, body, err := newNotice(a, topic, r)
		if err != nil {
			// A record that is no JSON is a mistake of the test that put it there.
			panic(err)
		}
		s.enqueue(e, &message{Message: Message{ID: id, Topic: topic, App: a.Key, URL: e.url}, body: body})
	}
}

// enqueue lets a message wait for its turn, under the lock.
func (s *Server) enqueue(e *endpoint, m *message) {
	if s.hooks.waiting == 0 {
		s.hooks.idle = make(chan struct{})
	}
	s.hooks.waiting++
	s.hooks.messages = append(s.hooks.messages, m)
	e.queue = append(e.queue, m)
	e.nudge()
}

// sendAll works off the queue of an endpoint until ctx ends.
func (s *Server) sendAll(ctx context.Context, e *endpoint) {
	for {
		m := s.take(e)
		if m == nil {
			select {
			case <-e.wake:
				continue
			case <-ctx.Done():
				return
			}
		}
		if !s.send(ctx, m) {
			return
		}
		s.over(e, m)
	}
}

// take takes the message that is next; nil when none is to be sent now.
func (s *Server) take(e *endpoint) *message {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(e.queue) == 0 {
		return nil
	}
	m, last := e.queue[0], len(e.queue)-1
	switch {
	case !s.options.Hooks.Reversed || m.ID == "":
		e.queue = e.queue[1:]
	case s.hooks.flushing == 0:
		return nil
	default:
		m, e.queue = e.queue[last], e.queue[:last]
	}
	return m
}

// send tries until a message was answered or is given up; false means that ctx
// ended before. A ping is tried once.
func (s *Server) send(ctx context.Context, m *message) bool {
	began := s.now()
	for try := 1; ; try++ {
		status := s.post(ctx, m)
		if ctx.Err() != nil {
			return false
		}
		s.mu.Lock()
		m.Tries, m.Status = try, status
		s.mu.Unlock()
		pause := quickPause
		if try >= quickTries {
			pause = slowPause
		}
		if status/100 == 2 || m.ID == "" || s.now().Add(pause).Sub(began) > givenUpAfter {
			return true
		}
		if !s.pass(ctx, pause) {
			return false
		}
	}
}

// post sends a message once and returns the status of the answer, 0 for none.
func (s *Server) post(ctx context.Context, m *message) int {
	timeout := s.options.Hooks.Timeout
	if timeout <= 0 {
		timeout = hookTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, m.URL, bytes.NewReader(m.body))
	if err != nil {
		return 0
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.hooks.client.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	// What the answer says does not matter; read, the connection can be used again.
	_, _ = io.CopyN(io.Discard, resp.Body, 64<<10)
	return resp.StatusCode
}

// over notes that a message needs no more tries.
func (s *Server) over(e *endpoint, m *message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m.Over = true
	if s.options.Hooks.Twice && m.ID != "" && !m.again {
		second := &message{Message: Message{ID: m.ID, Topic: m.Topic, App: m.App, URL: m.URL}, body: m.body, again: true}
		s.enqueue(e, second)
	}
	if s.hooks.waiting--; s.hooks.waiting == 0 {
		close(s.hooks.idle)
	}
}
