package omie

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/bateia/bateia/pipeline"
)

// DefaultURL is where Omie's API is.
const DefaultURL = "https://app.omie.com.br/api/v1"

// Gate keeps the lanes of all callers, wherever they run.
type Gate interface {
	// Pass waits until the call may start, and notes that it does. It returns an
	// error of kind busy instead when that takes longer than its patience, and ctx's
	// when that ends. leave is called once, with the fault of the call or nil, also
	// when ctx ended meanwhile; its error is the call's.
	Pass(ctx context.Context, key, method, call string) (leave func(*Fault) error, err error)
}

// Client makes calls. All of it may be used by several goroutines.
type Client struct {
	URL     string        // DefaultURL when empty; no slash at the end is needed
	Gate    Gate          // never nil
	Timeout time.Duration // of one call, default defaultTimeout
	// HTTP makes the requests, a client of its own when nil.
	HTTP *http.Client
}

const defaultTimeout = 90 * time.Second

// bodyLimit is how much of an answer is read, in bytes: 500 records are about 2 MB.
const bodyLimit = 64 << 20

// Page is one page of a list.
type Page[T any] struct {
	Number int // from 1
	Pages  int // in all, as Omie counts them now
	Total  int // records in all, as Omie counts them now
	Rows   []T
}

// ListRequest asks for a page of a list of customers.
type ListRequest struct {
	Page     int // from 1
	PageSize int // Omie may cap it silently
	// Since is the lower bound of the time of change; the zero time asks for all.
	Since time.Time
	// IDs asks for these customers only.
	IDs []int64
	// Again says the same in other words, so that the call is not one of the last
	// minute, which Omie refuses.
	Again bool
}

// brasilia is the zone of Omie's times: no summer time since 2019.
var brasilia = time.FixedZone("-03", -3*60*60)

func (r ListRequest) param(traits bool) map[string]any {
	p := map[string]any{"pagina": r.Page, "registros_por_pagina": r.PageSize}
	if !r.Again {
		p["apenas_importado_api"] = "N" // what is meant without it, too
	}
	if traits {
		p["exibir_caracteristicas"], p["exibir_obs"] = "S", "S"
	}
	if !r.Since.IsZero() {
		at := r.Since.In(brasilia)
		p["filtrar_por_data_de"], p["filtrar_por_hora_de"] = at.Format("02/01/2006"), at.Format("15:04:05")
	}
	if len(r.IDs) > 0 {
		list := make([]map[string]any, len(r.IDs))
		for i, id := range r.IDs {
			list[i] = map[string]any{"codigo_cliente_omie": id}
		}
		p["clientesPorCodigo"] = list
	}
	return p
}

// Customers asks for a page of customers with all that lists show of them.
func (c *Client) Customers(ctx context.Context, k Credentials, r ListRequest) (Page[Customer], error) {
	return list[Customer](ctx, c, k, "geral/clientes", "ListarClientes", "clientes_cadastro", r.param(true))
}

// Briefs asks for a page of the short list of customers.
func (c *Client) Briefs(ctx context.Context, k Credentials, r ListRequest) (Page[Brief], error) {
	return list[Brief](ctx, c, k, "geral/clientes", "ListarClientesResumido", "clientes_cadastro_resumido", r.param(false))
}

// Sellers asks for a page of sellers.
func (c *Client) Sellers(ctx context.Context, k Credentials, page, size int) (Page[Seller], error) {
	return list[Seller](ctx, c, k, "geral/vendedores", "ListarVendedores", "cadastro", map[string]any{"pagina": page, "registros_por_pagina": size})
}

// Customer asks for one customer by its id: for single look-ups only.
func (c *Client) Customer(ctx context.Context, k Credentials, id int64) (Customer, error) {
	var out Customer
	body, err := c.call(ctx, k, "geral/clientes", "ConsultarCliente", map[string]any{"codigo_cliente_omie": id})
	if err == nil && json.Unmarshal(body, &out) != nil {
		err = unexpected("ConsultarCliente")
	}
	return out, err
}

// list calls a method that lists, and reads its page.
func list[T any](ctx context.Context, c *Client, k Credentials, service, method, name string, param map[string]any) (Page[T], error) {
	var p Page[T]
	body, err := c.call(ctx, k, service, method, param)
	if err != nil {
		return p, err
	}
	answer := map[string]json.RawMessage{}
	if json.Unmarshal(body, &answer) != nil || answer[name] == nil || json.Unmarshal(answer[name], &p.Rows) != nil {
		return Page[T]{}, unexpected(method)
	}
	for _, n := range []struct {
		name string
		to   *int
	}{{"pagina", &p.Number}, {"total_de_paginas", &p.Pages}, {"total_de_registros", &p.Total}} {
		var value Number
		if text, some := answer[n.name]; some && json.Unmarshal(text, &value) != nil {
			return Page[T]{}, unexpected(method)
		}
		*n.to = int(value)
	}
	return p, nil
}

func unexpected(method string) error {
	return &pipeline.Error{Op: "call " + method, Kind: pipeline.KindTransient, Code: "OMIE_UNEXPECTED", Err: errors.New("the answer has another form than the documented one")}
}

// call makes one call and returns the body of its result. A failure of Omie's is a
// *Fault inside a *pipeline.Error; neither holds the secret or anything of the
// answer but a redacted excerpt.
func (c *Client) call(ctx context.Context, k Credentials, service, method string, param map[string]any) ([]byte, error) {
	text, err := json.Marshal(param) // keys in alphabetical order: the same call has the same text
	if err != nil {
		return nil, fmt.Errorf("encode call %s: %w", method, err)
	}
	sum := sha256.Sum256(append([]byte(method+"\n"), text...))
	leave, err := c.Gate.Pass(ctx, k.Key, method, hex.EncodeToString(sum[:8]))
	if err != nil {
		return nil, err
	}
	body, fault := c.post(ctx, k, service, method, text)
	if err := leave(fault); err != nil {
		return nil, err
	}
	if fault == nil {
		return body, nil
	}
	e := &pipeline.Error{Op: "call " + method, Kind: fault.Kind(), Err: fault}
	switch fault.Class {
	case ClassKey:
		e.Code, e.Hint = "OMIE_AUTH", "Check the key pair at Omie and connect again."
	case ClassBlocked:
		e.Code, e.Hint = "OMIE_BLOCKED", "Nothing to do: the sync goes on when the block is over."
	case ClassRequest, ClassUnknown:
		e.Code = "OMIE_UNEXPECTED"
	}
	return nil, e
}

// post sends a call and reads its answer.
func (c *Client) post(ctx context.Context, k Credentials, service, method string, param []byte) ([]byte, *Fault) {
	timeout := c.Timeout
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	url := strings.TrimSuffix(c.URL, "/")
	if url == "" {
		url = DefaultURL
	}
	body, err := json.Marshal(map[string]any{"call": method, "app_key": k.Key, "app_secret": k.secret, "param": []json.RawMessage{param}})
	if err != nil {
		return nil, &Fault{Class: ClassRequest}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/"+service+"/", bytes.NewReader(body))
	if err != nil {
		return nil, &Fault{Class: ClassRequest, Excerpt: "the URL cannot be used"}
	}
	req.Header.Set("Content-Type", "application/json")
	var client http.Client
	if c.HTTP != nil {
		client = *c.HTTP
	}
	// A redirect would take the secret elsewhere.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(req)
	if err != nil {
		// What the error says may hold the URL and no more, but nobody needs it.
		return nil, &Fault{Class: ClassTransient}
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, bodyLimit))
	if err != nil {
		return nil, &Fault{Class: ClassTransient, Status: resp.StatusCode}
	}
	return answer, readAnswer(resp.StatusCode, answer)
}
