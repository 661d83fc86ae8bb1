package omietest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Fault is an answer that is no result, or not the one that was due.
type Fault struct {
	Status int    // of HTTP; 0 for a result
	Code   string // faultcode; "" for an answer that is no fault of Omie's
	Text   string // faultstring
	// Body is sent as it is when there is no code: HTML, cut JSON, nothing.
	Body string
	// Delay passes before the answer, in Omie's time.
	Delay time.Duration

	block time.Duration // calls of the key and method are blocked so long, in Omie's time
	again time.Duration // the same call may be made again after so long, 0 for a minute
	back  int           // the result is that of so many pages before
}

// Faults that a test can ask for: see Server.Fail.
var (
	Broken   = Fault{Status: 500, Code: "SOAP-ENV:Server", Text: "SOAP-ERROR: Broken response from Application Server (BG)"}
	HTML502  = Fault{Status: 502, Body: "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"}
	CutJSON  = Fault{Status: 200, Body: `{"pagina":1,"total_de_paginas":3,"registros":50,"total_de_registros":1`}
	BadKey   = Fault{Status: 403, Code: "SOAP-ENV:Server", Text: "A chave de acesso está inválida ou o aplicativo está suspenso."}
	NoAnswer = Fault{Status: 504}
	// PreviousPage is the page before the one that was asked for, under the number
	// that was asked for: rows come twice, and those that were asked for not at all.
	PreviousPage = Fault{back: 1}
)

// Late is the right answer, after a delay in Omie's time.
func Late(d time.Duration) Fault { return Fault{Delay: d} }

// Redundant is the answer to the same call within a minute. For a test that asks
// for it the call was heard before: it may be made again after so many seconds.
func Redundant(seconds int) Fault {
	return Fault{Status: 500, Code: "SOAP-ENV:Client-6", again: time.Duration(seconds) * time.Second,
		Text: fmt.Sprintf("ERROR: Consumo redundante detectado. Aguarde %d segundos para tentar novamente (REDUNDANT).", seconds)}
}

// Blocked is the answer to every call inside a block. A test that asks for it
// begins the block: who calls before its end breaks a limit.
func Blocked(seconds int) Fault {
	return Fault{Status: 425, Code: "MISUSE_API_PROCESS", block: time.Duration(seconds) * time.Second,
		Text: fmt.Sprintf("ERROR: API bloqueada por consumo indevido. Tente novamente em %d segundos.", seconds)}
}

// NoRecords is the answer past the last page, and to a filter that nothing fits.
func NoRecords(page int) Fault {
	return Fault{Status: 500, Code: "SOAP-ENV:Client-5113", Text: fmt.Sprintf("ERROR: Não existem registros para a página [%d]!", page)}
}

func unknownTag(tag, request string) Fault {
	return Fault{Status: 500, Code: "SOAP-ENV:Client-5001", Text: fmt.Sprintf("ERROR: Tag [%s] não faz parte da estrutura do tipo complexo [%s]!", tag, request)}
}

var (
	noKey    = Fault{Status: 403, Code: "SOAP-ENV:Server", Text: "A chave de acesso não está preenchida ou não é válida."}
	running  = Fault{Status: 500, Code: "SOAP-ENV:Client-1880", Text: "ERROR: Já existe uma requisição desse método sendo executada para o seu aplicativo."}
	notFound = Fault{Status: 500, Code: "SOAP-ENV:Client-105", Text: "ERROR: Cliente não cadastrado para o Código [0] !"}
	badParam = Fault{Status: 500, Code: "SOAP-ENV:Client-5001", Text: "ERROR: O parâmetro [param] deve ser uma lista com um objeto!"}
	tooMany  = Fault{Status: http.StatusTooManyRequests}
	noMethod = Fault{Status: 500, Code: "SOAP-ENV:Client-5001", Text: "ERROR: Method not exists"}
)

// name is how a Call tells the fault; "" for none.
func (f *Fault) name() string {
	switch {
	case f == nil:
		return ""
	case f.Code == "":
		return fmt.Sprintf("HTTP %d", f.Status)
	}
	return f.Code
}

// write sends the fault. Accents come escaped, as Omie's do.
func (f Fault) write(w http.ResponseWriter, always200 bool) {
	status := f.Status
	switch {
	case f.Code == "" && status == http.StatusTooManyRequests:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		fmt.Fprint(w, `{"error_code":429,"error_description":"Too many requests"}`)
		return
	case f.Code == "":
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		fmt.Fprint(w, f.Body)
		return
	case always200:
		status = http.StatusOK
	}
	text, err := json.Marshal(map[string]string{"faultstring": f.Text, "faultcode": f.Code})
	if err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprint(w, escaped(string(text)))
}

// escaped writes everything beyond ASCII as \uXXXX.
func escaped(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r < 0x80:
			b.WriteRune(r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		}
	}
	return b.String()
}
