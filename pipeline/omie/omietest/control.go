package omietest

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Control is a handler of /simulator/…, by which a person or a test in another
// process changes data and asks for faults. It is no part of Omie's API, and who
// reaches it needs no key. Bodies are JSON; a mistake is a 400, what is not there a
// 404, both with {"error": …}.
//
//	POST   /simulator/apps/KEY/customers     adds the customer of the body, under the next id
//	PUT    /simulator/apps/KEY/customers/ID  adds it, or changes the fields of the body
//	DELETE /simulator/apps/KEY/customers/ID  removes it
//	POST   /simulator/apps/KEY/suspend       see Server.Suspend; {"after":0,"calls":0} or no body
//	POST   /simulator/apps/KEY/resume
//	POST   /simulator/apps/KEY/hooks         {"url":…}; see Server.Hook
//	POST   /simulator/fail                   {"method":…,"page":0,"fault":…,"seconds":0,"times":1}; see Server.Fail
//	POST   /simulator/flush                  answers when every message was answered
//	GET    /simulator/calls                  list of Call
//	GET    /simulator/messages               list of Message
//	GET    /simulator/violations             list of texts
//
// The first two answer {"codigo_cliente_omie": ID}. A fault is one of broken,
// html502, cut, bad_key, redundant, blocked, no_records, no_answer, too_many,
// previous_page and late; seconds, of Omie's, are the countdown of redundant and
// blocked, and pass before the answer of all others.
func (s *Server) Control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /simulator/apps/{key}/customers", s.ofApp(s.putCustomer))
	mux.HandleFunc("PUT /simulator/apps/{key}/customers/{id}", s.ofApp(s.putCustomer))
	mux.HandleFunc("DELETE /simulator/apps/{key}/customers/{id}", s.ofApp(s.deleteCustomer))
	mux.HandleFunc("POST /simulator/apps/{key}/suspend", s.ofApp(s.suspend))
	mux.HandleFunc("POST /simulator/apps/{key}/resume", s.ofApp(func(w http.ResponseWriter, _ *http.Request, a *App) {
		s.Resume(a)
		w.WriteHeader(http.StatusNoContent)
	}))
	mux.HandleFunc("POST /simulator/apps/{key}/hooks", s.ofApp(s.addHook))
	mux.HandleFunc("POST /simulator/fail", s.fail)
	mux.HandleFunc("POST /simulator/flush", func(w http.ResponseWriter, r *http.Request) {
		if err := s.Flush(r.Context()); err != nil {
			reply(w, http.StatusServiceUnavailable, map[string]string{"error": err.Error()})
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /simulator/calls", func(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusOK, s.Calls()) })
	mux.HandleFunc("GET /simulator/messages", func(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusOK, s.Sent()) })
	mux.HandleFunc("GET /simulator/violations", func(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusOK, s.Violations()) })
	return mux
}

// controlLimit is the largest body that is read, in bytes.
const controlLimit = 1 << 20

// read reads a JSON body into v; no body at all leaves it as it is. It answers
// itself, and reports false, when the body cannot be read.
func read(w http.ResponseWriter, r *http.Request, v any) bool {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, controlLimit))
	d.UseNumber()
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil && !errors.Is(err, io.EOF) {
		mistake(w, err.Error())
		return false
	}
	return true
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the other side went away
}

func mistake(w http.ResponseWriter, text string) {
	reply(w, http.StatusBadRequest, map[string]string{"error": text})
}

func missing(w http.ResponseWriter, text string) {
	reply(w, http.StatusNotFound, map[string]string{"error": text})
}

// ofApp finds the company of a request.
func (s *Server) ofApp(do func(http.ResponseWriter, *http.Request, *App)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		a := s.App(r.PathValue("key"))
		if a == nil {
			missing(w, "there is no company with this key")
			return
		}
		do(w, r, a)
	}
}

func (s *Server) putCustomer(w http.ResponseWriter, r *http.Request, a *App) {
	var customer Record
	if !read(w, r, &customer) {
		return
	}
	if customer == nil {
		mistake(w, "the body is no JSON object")
		return
	}
	delete(customer, "codigo_cliente_omie")
	if text := r.PathValue("id"); text != "" {
		id, ok := customerID(w, text)
		if !ok {
			return
		}
		customer["codigo_cliente_omie"] = id
	}
	reply(w, http.StatusOK, map[string]int64{"codigo_cliente_omie": s.Put(a, customer)})
}

func (s *Server) deleteCustomer(w http.ResponseWriter, r *http.Request, a *App) {
	id, ok := customerID(w, r.PathValue("id"))
	switch {
	case !ok:
	case !s.Delete(a, id):
		missing(w, "there is no such customer")
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

func customerID(w http.ResponseWriter, text string) (int64, bool) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 {
		mistake(w, "the id of a customer is a positive number")
		return 0, false
	}
	return id, true
}

func (s *Server) suspend(w http.ResponseWriter, r *http.Request, a *App) {
	var body struct{ After, Calls int }
	if !read(w, r, &body) {
		return
	}
	s.Suspend(a, body.After, body.Calls)
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) addHook(w http.ResponseWriter, r *http.Request, a *App) {
	var body struct{ URL string }
	if !read(w, r, &body) {
		return
	}
	if u, err := url.Parse(body.URL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		mistake(w, "url must be http:// or https:// and name a host")
		return
	}
	s.Hook(a, body.URL)
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) fail(w http.ResponseWriter, r *http.Request) {
	body := struct {
		Method, Fault string
		Page, Times   int
		Seconds       float64
	}{Times: 1}
	if !read(w, r, &body) {
		return
	}
	f, known := faultByName(body.Fault, max(1, body.Page), body.Seconds)
	if !known || body.Seconds < 0 || body.Times < 1 {
		mistake(w, "there is no such fault, or seconds or times are out of range")
		return
	}
	for range body.Times {
		s.Fail(body.Method, body.Page, f)
	}
	w.WriteHeader(http.StatusNoContent)
}

// faultByName returns a fault by the name that Control gives it.
func faultByName(name string, page int, seconds float64) (f Fault, known bool) {
	f, known = map[string]Fault{
		"broken": Broken, "html502": HTML502, "cut": CutJSON, "bad_key": BadKey, "no_answer": NoAnswer, "no_records": NoRecords(page),
		"too_many": tooMany, "previous_page": PreviousPage, "late": Late(0),
		"redundant": Redundant(int(seconds)), "blocked": Blocked(int(seconds)),
	}[name]
	if name != "redundant" && name != "blocked" {
		f.Delay = time.Duration(seconds * float64(time.Second))
	}
	return f, known
}
