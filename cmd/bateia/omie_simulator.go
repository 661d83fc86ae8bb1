package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/bateia/bateia/pipeline/omie"
	"github.com/bateia/bateia/pipeline/omie/omietest"
)

// The invented key pair of a simulator that was given none.
const (
	simulatorKey    = "1000000001"
	simulatorSecret = "0123456789abcdef0123456789abcdef"
)

type omieSimulatorCommand struct {
	Listen    string  `help:"Address to listen on (default: 127.0.0.1:8090)." default:"127.0.0.1:8090" placeholder:"HOST:PORT"`
	Customers *int    `help:"Invented customers of the company (default: 1000)." placeholder:"N"`
	Scale     float64 `help:"Seconds of Omie's that pass in one of ours (default: 1)." default:"1" placeholder:"N"`
	PageCap   int     `help:"Largest page, whatever is asked for (default: 500)." default:"500" placeholder:"N"`
	Faults200 bool    `name:"faults-200" help:"Send faults with HTTP 200, as some of Omie's services do."`
	Data      string  `help:"Companies written by hand, in the place of the invented one." placeholder:"F.txtar" type:"path"`
	AppKey    string  `help:"App key of the company." placeholder:"K"`
	AppSecret string  `help:"App secret of the company." placeholder:"S"`
	Hook      string  `help:"Tell this URL of every change, as Omie's webhooks do." placeholder:"URL"`
}

func (omieSimulatorCommand) Help() string {
	return `Answers as Omie's API does, as far as public material tells, with invented customers: under the same limits, with the same faults. It notes every limit that a client breaks. Ctrl-C ends it, tells how many calls came and which limits were broken, and exits 1 if there was one. Needs no database and no account at Omie.

Examples:

  bateia omie-simulator
  bateia omie-simulator --scale 60 --customers 20000 --page-cap 100
  bateia omie-simulator --data companies.txtar --hook http://127.0.0.1:8080/webhooks/omie/SECRET

A file of companies is a txtar archive. It holds customers, and sellers, as Omie's JSON objects, one after the other:

  -- APP_KEY/APP_SECRET/customers --
  {"codigo_cliente_omie": 101, "razao_social": "Padaria Exemplo Ltda", "email": "a@exemplo.com.br"}
  {"nome_fantasia": "Exemplo", "telefone1_ddd": "51", "telefone1_numero": "98765-4321"}
  -- APP_KEY/APP_SECRET/sellers --
  {"codigo": 7, "nome": "Bia", "email": "bia@exemplo.com.br"}

While it runs, data and faults can be changed over HTTP, with JSON bodies:

  POST   /simulator/apps/KEY/customers      a new customer; answers its id
  PUT    /simulator/apps/KEY/customers/ID   a new or changed customer
  DELETE /simulator/apps/KEY/customers/ID
  POST   /simulator/apps/KEY/suspend        {"after": 0, "calls": 0}, and /resume
  POST   /simulator/apps/KEY/hooks          {"url": "http://…"}
  POST   /simulator/fail                    {"method": "ListarClientes", "page": 2, "fault": "broken", "times": 1}
  POST   /simulator/flush                   waits until all was told to the hooks
  GET    /simulator/calls, /simulator/messages, /simulator/violations

Faults: broken, html502, cut, bad_key, redundant, blocked, no_records, no_answer, too_many, previous_page, late; "seconds" is the countdown of redundant and blocked, else what passes before the answer.`
}

// Run serves until it is told to stop.
func (c omieSimulatorCommand) Run(s *session) error {
	sim, err := c.simulator()
	if err != nil {
		return err
	}
	defer sim.Close()
	var lc net.ListenConfig
	l, err := lc.Listen(s.ctx, "tcp", c.Listen)
	if err != nil {
		return &exitError{exitFailed, fmt.Errorf("listen: %w", err)}
	}
	if err := c.announce(s, sim, "http://"+l.Addr().String()); err != nil {
		return errors.Join(err, l.Close())
	}
	if c.Hook != "" {
		for _, a := range sim.Apps() {
			sim.Hook(a, c.Hook)
		}
	}
	mux := http.NewServeMux()
	mux.Handle("/", sim)
	mux.Handle("/simulator/", sim.Control())
	if err := serveHTTP(s.ctx, l, mux); err != nil {
		return err
	}
	broken := sim.Violations()
	s.out.Printf("%s\n", s.words.Say("sim_end", "calls", len(sim.Calls()), "broken", len(broken)))
	for _, text := range broken {
		s.out.Printf("  %s\n", text)
	}
	if len(broken) > 0 {
		return exit(exitFailed)
	}
	return nil
}

// simulator makes the simulator that the flags describe.
func (c omieSimulatorCommand) simulator() (*omietest.Server, error) {
	hook, err := url.Parse(c.Hook)
	switch {
	case c.Scale <= 0 || c.PageCap <= 0 || c.Customers != nil && *c.Customers < 0:
		return nil, usage(errors.New("--scale and --page-cap are positive, and --customers is not negative"))
	case c.Data != "" && (c.Customers != nil || c.AppKey != "" || c.AppSecret != ""):
		return nil, usage(errors.New("--data names the companies: --customers, --app-key and --app-secret are for an invented one"))
	case (c.AppKey == "") != (c.AppSecret == ""):
		return nil, usage(errors.New("--app-key and --app-secret go together"))
	case c.Hook != "" && (err != nil || hook.Host == "" || hook.Scheme != "http" && hook.Scheme != "https"):
		return nil, usage(errors.New("--hook must be http:// or https:// and name a host"))
	}
	sim := omietest.New(omietest.Options{Scale: c.Scale, PageCap: c.PageCap, Faults200: c.Faults200})
	if c.Data != "" {
		text, err := os.ReadFile(c.Data)
		if err == nil {
			err = sim.Load(text)
		}
		if err != nil {
			return nil, usage(err)
		}
		return sim, nil
	}
	// As a client sends them: what people paste has blanks and capitals.
	key, secret, customers := strings.TrimSpace(c.AppKey), strings.ToLower(strings.TrimSpace(c.AppSecret)), 1000
	if c.AppKey == "" {
		key, secret = simulatorKey, simulatorSecret
	}
	if _, err := omie.ParseCredentials(key, secret); err != nil {
		return nil, usage(err)
	}
	if c.Customers != nil {
		customers = *c.Customers
	}
	sim.Generate(sim.AddApp(key, secret), customers)
	return sim, nil
}

// announce says what a client has to know.
func (c omieSimulatorCommand) announce(s *session, sim *omietest.Server, address string) error {
	type app struct {
		Key       string `json:"app_key"`
		Secret    string `json:"app_secret"`
		Customers int    `json:"customers"`
	}
	var apps []app
	var pairs [][]string
	for _, a := range sim.Apps() {
		n := len(sim.Customers(a))
		apps = append(apps, app{a.Key, a.Secret, n})
		pairs = append(pairs, []string{a.Key, a.Secret, s.words.Number(int64(n))})
	}
	base, control := address+"/api/v1", address+"/simulator/"
	if s.out.JSON {
		return s.out.Document(map[string]any{"base_url": base, "time_scale": c.Scale, "control_url": control, "apps": apps})
	}
	settings := [][]string{{"BATEIA_OMIE_BASE_URL", base}}
	if c.Scale != 1 {
		settings = append(settings, []string{"BATEIA_OMIE_TIME_SCALE", strconv.FormatFloat(c.Scale, 'f', -1, 64)})
	}
	s.out.Printf("%s\n\n", s.words.Say("sim_ready"))
	s.out.Table([]string{"", ""}, append(settings, []string{s.words.Say("sim_control"), control}))
	s.out.Printf("\n")
	s.out.Table([]string{"app key", "app secret", ">" + s.words.Say("sim_customers")}, pairs)
	s.out.Printf("\n%s\n", s.words.Say("up_stop"))
	return nil
}

// serveHTTP serves until ctx ends, which ends the requests under way too.
func serveHTTP(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }}
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		stopped <- server.Shutdown(end)
	})
	defer stop()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return <-stopped
}
