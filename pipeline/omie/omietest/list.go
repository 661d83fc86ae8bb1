package omietest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// listed are the tags that a list request may have.
var listed = map[string][]string{
	"clientes_list_request": {"pagina", "registros_por_pagina", "apenas_importado_api", "filtrar_por_data_de", "filtrar_por_hora_de", "filtrar_por_data_ate",
		"filtrar_por_hora_ate", "filtrar_apenas_inclusao", "filtrar_apenas_alteracao", "clientesFiltro", "clientesPorCodigo", "exibir_caracteristicas", "exibir_obs",
		"ordenar_por", "ordem_decrescente"},
	"vendedores_list_request": {"pagina", "registros_por_pagina", "apenas_importado_api", "filtrar_por_data_de", "filtrar_por_hora_de"},
	"clientes_cadastro_chave": {"codigo_cliente_omie", "codigo_cliente_integracao"},
}

// request is the one parameter of a call.
type request map[string]any

func (r request) check(kind string) *Fault {
	for tag := range r {
		if !slices.Contains(listed[kind], tag) {
			f := unknownTag(tag, kind)
			return &f
		}
	}
	return nil
}

// number is a whole number of JSON's or Go's, or one written as text.
func (r request) number(tag string, or int) int {
	switch v := r[tag].(type) {
	case int:
		return v
	case int64:
		return int(v)
	case float64:
		return int(v)
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return int(n)
		}
	case string:
		var n int
		if _, err := fmt.Sscan(v, &n); err == nil {
			return n
		}
	}
	return or
}

func (r request) text(tag string) string {
	text, _ := r[tag].(string)
	return text
}

// page cuts the page that was asked for out of all records, under the silent cap.
func (s *Server) page(r request, all []Record, name string, show func(Record) Record) (Record, *Fault) {
	page, size := max(1, r.number("pagina", 1)), max(1, r.number("registros_por_pagina", 50))
	size = min(size, s.options.PageCap)
	pages := (len(all) + size - 1) / size
	if page > pages {
		f := NoRecords(page)
		return nil, &f
	}
	var rows []Record
	for _, one := range all[(page-1)*size : min(page*size, len(all))] {
		rows = append(rows, show(one))
	}
	return Record{"pagina": page, "total_de_paginas": pages, "registros": len(rows), "total_de_registros": len(all), name: rows}, nil
}

// changedSince reports whether a record was made or changed at or after the lower
// bound of the request, in Brasília's time, and at or before the upper one.
func changedSince(r Record, q request) bool {
	info, _ := r["info"].(map[string]any)
	at := stamp(fmt.Sprint(info["dAlt"]), fmt.Sprint(info["hAlt"]))
	if de := q.text("filtrar_por_data_de"); de != "" && at.Before(stamp(de, q.text("filtrar_por_hora_de"))) {
		return false
	}
	if until := q.text("filtrar_por_data_ate"); until != "" && at.After(stamp(until, q.text("filtrar_por_hora_ate"))) {
		return false
	}
	return true
}

func stamp(day, hour string) time.Time {
	if hour == "" {
		hour = "00:00:00"
	}
	at, err := time.ParseInLocation("02/01/2006 15:04:05", day+" "+hour, brasilia)
	if err != nil {
		return time.Time{}
	}
	return at
}

// chosen returns the customers that a request asks for, in the order of ids.
func (a *App) chosen(q request) []Record {
	var codes []int64
	if list, ok := q["clientesPorCodigo"].([]any); ok {
		for _, one := range list {
			object, _ := one.(map[string]any)
			if n := request(object).number("codigo_cliente_omie", 0); n != 0 {
				codes = append(codes, int64(n))
			}
		}
	}
	filter, _ := q["clientesFiltro"].(map[string]any)
	if codes == nil && len(filter) == 0 && q.text("filtrar_por_data_de") == "" && q.text("filtrar_por_data_ate") == "" {
		return a.sorted()
	}
	var out []Record
	for _, r := range a.sorted() {
		id, _ := r["codigo_cliente_omie"].(int64)
		if codes != nil && !slices.Contains(codes, id) || !changedSince(r, q) || !fits(r, filter) {
			continue
		}
		out = append(out, r)
	}
	return out
}

// fits reports whether a record has what clientesFiltro names.
func fits(r Record, filter map[string]any) bool {
	for field, want := range filter {
		if field != "tags" {
			if text := fmt.Sprint(want); text != "" && !strings.EqualFold(fmt.Sprint(r[field]), text) {
				return false
			}
			continue
		}
		var have []string
		tags, _ := r["tags"].([]any)
		for _, t := range tags {
			object, _ := t.(map[string]any)
			have = append(have, fmt.Sprint(object["tag"]))
		}
		list, _ := want.([]any)
		if !slices.ContainsFunc(list, func(t any) bool {
			object, _ := t.(map[string]any)
			return slices.Contains(have, fmt.Sprint(object["tag"]))
		}) {
			return false
		}
	}
	return true
}

// call answers one method of an app.
func (s *Server) call(a *App, method string, q request) (Record, *Fault) {
	switch method {
	case "ListarClientes":
		if f := q.check("clientes_list_request"); f != nil {
			return nil, f
		}
		return s.page(q, a.chosen(q), "clientes_cadastro", sent)
	case "ListarClientesResumido":
		if f := q.check("clientes_list_request"); f != nil {
			return nil, f
		}
		return s.page(q, a.chosen(q), "clientes_cadastro_resumido", func(r Record) Record {
			return Record{"codigo_cliente": r["codigo_cliente_omie"], "codigo_cliente_integracao": fmt.Sprint(orBlank(r["codigo_cliente_integracao"])),
				"razao_social": orBlank(r["razao_social"]), "nome_fantasia": orBlank(r["nome_fantasia"]), "cnpj_cpf": orBlank(r["cnpj_cpf"])}
		})
	case "ConsultarCliente":
		if f := q.check("clientes_cadastro_chave"); f != nil {
			return nil, f
		}
		if r, ok := a.customers[int64(q.number("codigo_cliente_omie", 0))]; ok {
			return sent(r), nil
		}
		return nil, &notFound
	case "ListarVendedores":
		if f := q.check("vendedores_list_request"); f != nil {
			return nil, f
		}
		var all []Record
		for _, id := range slices.Sorted(maps.Keys(a.sellers)) {
			all = append(all, a.sellers[id])
		}
		return s.page(q, all, "cadastro", sent)
	}
	return nil, &noMethod
}

func orBlank(v any) any {
	if v == nil {
		return ""
	}
	return v
}
