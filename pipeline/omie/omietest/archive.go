package omietest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/bateia/bateia/pipeline/omie"
)

// Load adds the companies of a txtar archive. A file is named
// <app key>/<app secret>/customers or <app key>/<app secret>/sellers, and holds
// JSON objects as Omie's lists show them, one after the other without commas:
//
//	-- 1234567890/0123456789abcdef0123456789abcdef/customers --
//	{"codigo_cliente_omie": 101, "razao_social": "Padaria Exemplo Ltda", "email": "a@exemplo.com.br"}
//	{"nome_fantasia": "Sem código", "info": {"dAlt": "01/03/2026", "hAlt": "10:00:00"}}
//	-- 1234567890/0123456789abcdef0123456789abcdef/sellers --
//	{"codigo": 7, "nome": "Bia", "email": "bia@exemplo.com.br"}
//
// A customer without a code gets the next one; what info does not say is now. A file
// may be empty. On an error, which names company and object, nothing is added.
func (s *Server) Load(data []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	apps := map[string]*App{}
	for _, f := range txtar.Parse(data).Files {
		key, rest, _ := strings.Cut(f.Name, "/")
		secret, kind, _ := strings.Cut(rest, "/")
		if _, err := omie.ParseCredentials(key, secret); err != nil {
			return fmt.Errorf("load company %q: %w", key, err)
		}
		secret = strings.ToLower(secret) // as clients send it
		a := apps[key]
		switch {
		case a == nil && s.apps[key] == nil:
			a = newApp(key, secret)
			apps[key] = a
		case a == nil || a.Secret != secret:
			return fmt.Errorf("load company %s: it is there already, or has two secrets", key)
		}
		if err := s.loadFile(a, kind, f.Data); err != nil {
			return fmt.Errorf("load %s of company %s: %w", kind, key, err)
		}
	}
	if len(apps) == 0 {
		return errors.New("load companies: the archive has no file")
	}
	maps.Copy(s.apps, apps)
	return nil
}

// loadFile adds the records of one file to a company.
func (s *Server) loadFile(a *App, kind string, data []byte) error {
	add := map[string]func(Record) error{"customers": func(r Record) error { return s.loadCustomer(a, r) }, "sellers": a.loadSeller}[kind]
	if add == nil {
		return errors.New("a file holds customers or sellers")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	for n := 1; ; n++ {
		var r Record
		err := d.Decode(&r)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = add(r)
		}
		if err != nil {
			return fmt.Errorf("object %d: %w", n, err)
		}
	}
}

func (s *Server) loadCustomer(a *App, r Record) error {
	id, known := a.put(r, s.now())
	if known {
		return fmt.Errorf("codigo_cliente_omie %d comes twice", id)
	}
	if given, ok := r["info"].(map[string]any); ok {
		info := a.customers[id]["info"].(map[string]any)
		maps.Copy(info, given)
		if given["dInc"] == nil {
			info["dInc"], info["hInc"] = info["dAlt"], info["hAlt"] // as at birth
		}
	}
	return nil
}

func (a *App) loadSeller(r Record) error {
	id := int64(request(r).number("codigo", 0))
	if _, known := a.sellers[id]; known || id == 0 {
		return errors.New("codigo is missing, or comes twice")
	}
	a.sellers[id] = r
	return nil
}
