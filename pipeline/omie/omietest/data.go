package omietest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Record is a customer or seller as Omie sends it: JSON values by field.
type Record map[string]any

// brasilia is the zone of all times that Omie writes: no summer time since 2019.
var brasilia = time.FixedZone("-03", -3*60*60)

// App is one company: a key pair and its records.
type App struct {
	Key, Secret string

	customers map[int64]Record
	list      []Record // the customers by their ids; nil when they are others by now
	sellers   map[int64]Record
	next      int64 // id of the next customer
	refusal   *refusal
}

// refusal are calls that are refused as those of a suspended company are.
type refusal struct {
	after int // so many calls still pass
	calls int // so many are refused then; without end when it is not positive
	ends  bool
}

// AddApp adds a company. Its ids begin at a number that it shares with others, as
// Omie's id spaces overlap.
func (s *Server) AddApp(key, secret string) *App {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := newApp(key, secret)
	s.apps[key] = a
	return a
}

func newApp(key, secret string) *App {
	return &App{Key: key, Secret: secret, customers: map[int64]Record{}, sellers: map[int64]Record{}, next: 4_000_001}
}

// App returns the company of a key, nil when there is none.
func (s *Server) App(key string) *App {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.apps[key]
}

// Apps returns the companies in the order of their keys.
func (s *Server) Apps() []*App {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []*App
	for _, key := range slices.Sorted(maps.Keys(s.apps)) {
		out = append(out, s.apps[key])
	}
	return out
}

// Suspend lets so many more calls of a company pass and refuses what follows with
// BadKey: so many calls, or, when calls is 0, all until Resume. A few refusals in
// the middle of a run are how Omie throttles in disguise. Calls that broke a limit
// are not counted.
func (s *Server) Suspend(a *App, after, calls int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a.refusal = &refusal{after: after, calls: calls, ends: calls > 0}
}

// Resume ends what Suspend began, or was to begin.
func (s *Server) Resume(a *App) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a.refusal = nil
}

// refuses counts a call of the company and reports whether it is refused.
func (a *App) refuses() bool {
	r := a.refusal
	switch {
	case r == nil:
		return false
	case r.after > 0:
		r.after--
		return false
	case r.ends:
		if r.calls--; r.calls == 0 {
			a.refusal = nil
		}
	}
	return true
}

// Put adds a customer, or changes the fields that are given of one that is there,
// by codigo_cliente_omie; one without an id gets the next. It returns the id. The
// change is stamped with the time of Omie's, so what the record says in info does
// not count, and sent to the company's hooks.
func (s *Server) Put(a *App, r Record) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, known := a.put(r, s.now())
	topic := TopicAdded
	if known {
		topic = TopicChanged
	}
	s.tell(a, topic, a.customers[id])
	return id
}

// put stores a customer as of now, and reports whether it was known.
func (a *App) put(r Record, now time.Time) (id int64, known bool) {
	day, hour := now.In(brasilia).Format("02/01/2006"), now.In(brasilia).Format("15:04:05")
	if id = int64(request(r).number("codigo_cliente_omie", 0)); id == 0 {
		id = a.next
	}
	a.next = max(a.next, id+1)
	old, known := a.customers[id]
	if !known {
		old = Record{"info": map[string]any{"dInc": day, "hInc": hour, "uInc": "API", "cImpAPI": "N"}}
	}
	merged := maps.Clone(old)
	maps.Copy(merged, r)
	info := maps.Clone(old["info"].(map[string]any))
	info["dAlt"], info["hAlt"], info["uAlt"] = day, hour, "API"
	merged["codigo_cliente_omie"], merged["info"] = id, info
	a.customers[id], a.list = merged, nil
	return id, known
}

// Delete removes a customer and reports whether it was there. It leaves no trace in
// lists; the company's hooks hear of it.
func (s *Server) Delete(a *App, id int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, known := a.customers[id]
	if known {
		delete(a.customers, id)
		a.list = nil
		s.tell(a, TopicDeleted, r)
	}
	return known
}

// PutSeller adds a seller.
func (s *Server) PutSeller(a *App, id int64, name, email string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a.sellers[id] = Record{"codigo": id, "nome": name, "email": email, "inativo": "N"}
}

// Customers returns the customers as they are, in the order of their ids.
func (s *Server) Customers(a *App) []Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	return a.sorted()
}

func (a *App) sorted() []Record {
	if a.list == nil {
		for _, id := range slices.Sorted(maps.Keys(a.customers)) {
			a.list = append(a.list, a.customers[id])
		}
	}
	return slices.Clip(a.list)
}

// Generate adds n invented customers, the same for the same n.
func (s *Server) Generate(a *App, n int) {
	cities := []string{"CAMPINAS (SP)", "PORTO ALEGRE (RS)", "RECIFE (PE)", "CURITIBA (PR)"}
	for i := range n {
		r := Record{
			"razao_social": fmt.Sprintf("Comércio Exemplo %d Ltda", i), "nome_fantasia": fmt.Sprintf("Exemplo %d", i),
			"telefone1_ddd": []string{"11", "051", ""}[i%3], "telefone1_numero": fmt.Sprintf("9%04d-%04d", i/10_000%10_000, i%10_000),
			"email": fmt.Sprintf("contato%d@exemplo.com.br", i), "cidade": cities[i%len(cities)], "estado": cities[i%len(cities)][len(cities[i%len(cities)])-3:][:2],
			"pessoa_fisica": "N", "inativo": "N", "codigo_pais": "1058", "tags": []any{map[string]any{"tag": "Cliente"}},
		}
		if i%3 == 2 {
			r["telefone1_ddd"] = "11"
			r["pessoa_fisica"], r["razao_social"], r["nome_fantasia"] = "S", fmt.Sprintf("Pessoa Exemplo %d", i), ""
		}
		s.Put(a, r)
	}
}

// sent is a record as lists show it: without most of what is empty. Its keys come
// in alphabetical order, as encoding/json writes maps.
func sent(r Record) Record {
	out := Record{}
	for k, v := range r {
		if text, ok := v.(string); ok && text == "" && k != "codigo_cliente_integracao" && k != "cnpj_cpf" {
			continue
		}
		if !strings.HasPrefix(k, "_") {
			out[k] = v
		}
	}
	return out
}
