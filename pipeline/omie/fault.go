package omie

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/bateia/bateia/pipeline"
)

// Class says what a fault means.
type Class string

// Classes of faults.
const (
	// ClassEmpty: there are no records for the page. On the first page the filter
	// fits nothing; past it the listing changed under its reader.
	ClassEmpty Class = "empty"
	// ClassRedundant: the same call came within a minute. Wait says how long.
	ClassRedundant Class = "redundant"
	// ClassRunning: a call of the method is still being answered.
	ClassRunning Class = "running"
	// ClassBlocked: the key is blocked for the method until Wait has passed.
	ClassBlocked Class = "blocked"
	// ClassTooMany: too many calls.
	ClassTooMany Class = "too_many"
	// ClassKey: the key pair is wrong, or the application suspended.
	ClassKey Class = "key"
	// ClassRequest: Omie does not understand the request.
	ClassRequest Class = "request"
	// ClassNotFound: there is no such record.
	ClassNotFound Class = "not_found"
	// ClassBroken: the answer was lost on Omie's side; large pages make it likelier.
	ClassBroken Class = "broken"
	// ClassTransient: a failure that passes.
	ClassTransient Class = "transient"
	// ClassUnknown: a fault that nobody described.
	ClassUnknown Class = "unknown"
)

// Fault is a call that failed.
type Fault struct {
	Class  Class
	Status int           // of HTTP; 0 when there was no answer
	Code   string        // faultcode, "" when the answer was none of Omie's
	Wait   time.Duration // before the next call may help, 0 when nothing is known
	// Excerpt is the start of Omie's text, without digits and addresses: it may
	// speak of a customer.
	Excerpt string
}

// Error implements error. It names no value.
func (f *Fault) Error() string {
	s := fmt.Sprintf("Omie answered %d", f.Status)
	if f.Status == 0 {
		s = "Omie did not answer"
	}
	if f.Code != "" {
		s += " " + f.Code
	}
	if f.Excerpt != "" {
		s += ": " + f.Excerpt
	}
	return s
}

// Kind is what the fault means for the work.
func (f *Fault) Kind() pipeline.Kind {
	switch f.Class {
	case ClassKey, ClassRequest, ClassNotFound, ClassUnknown:
		return pipeline.KindPermanent
	case ClassRedundant, ClassRunning, ClassBlocked, ClassTooMany:
		return pipeline.KindBusy
	}
	return pipeline.KindTransient
}

// codes are the faultcodes that are known, without their prefix.
var codes = map[string]struct {
	class Class
	wait  time.Duration
}{
	"5113":               {ClassEmpty, 0},
	"6":                  {ClassRedundant, time.Minute},
	"1100":               {ClassRedundant, time.Minute},
	"8020":               {ClassRedundant, time.Minute},
	"1880":               {ClassRunning, 10 * time.Second},
	"5001":               {ClassRequest, 0},
	"105":                {ClassNotFound, 0},
	"103":                {ClassNotFound, 0},
	"MISUSE_API_PROCESS": {ClassBlocked, 30 * time.Minute},
}

// seconds finds the wait that a text names.
var seconds = regexp.MustCompile(`(\d+)\s*segundo`)

// readAnswer returns the fault of an answer, nil when it is a result. The body is
// looked at before the status.
func readAnswer(status int, body []byte) *Fault {
	var answer struct {
		Text  *string         `json:"faultstring"`
		Code  *string         `json:"faultcode"`
		Error json.RawMessage `json:"error_code"`
	}
	err := json.Unmarshal(body, &answer)
	switch {
	case err == nil && (answer.Code != nil || answer.Text != nil):
		return knownFault(status, deref(answer.Code), deref(answer.Text))
	case status == 429 || err == nil && strings.Trim(string(answer.Error), `"`) == "429":
		return &Fault{Class: ClassTooMany, Status: status, Wait: 20 * time.Second}
	case status == 425:
		return &Fault{Class: ClassBlocked, Status: status, Wait: codes["MISUSE_API_PROCESS"].wait}
	case status == 403:
		return &Fault{Class: ClassKey, Status: status}
	case status == 408 || status >= 500:
		return &Fault{Class: ClassTransient, Status: status}
	case status >= 300:
		return &Fault{Class: ClassUnknown, Status: status}
	case err != nil:
		return &Fault{Class: ClassBroken, Status: status, Excerpt: "the answer is cut off or no JSON"}
	}
	return nil
}

// knownFault classifies a fault by its code, and by its text where several
// failures share one code.
func knownFault(status int, code, text string) *Fault {
	f := &Fault{Class: ClassUnknown, Status: status, Code: code, Excerpt: excerpt(text)}
	short := strings.TrimPrefix(strings.TrimPrefix(code, "SOAP-ENV:"), "Client-")
	lower := strings.ToLower(text)
	if known, ok := codes[short]; ok {
		f.Class, f.Wait = known.class, known.wait
	}
	switch {
	case f.Class != ClassUnknown:
	case status == 403 || strings.Contains(lower, "chave de acesso"):
		f.Class = ClassKey
	case strings.Contains(lower, "redundan"):
		f.Class, f.Wait = ClassRedundant, time.Minute
	case status == 425 || strings.Contains(lower, "bloqueada"):
		f.Class, f.Wait = ClassBlocked, codes["MISUSE_API_PROCESS"].wait
	case strings.Contains(lower, "broken response"):
		f.Class = ClassBroken
	case strings.Contains(lower, "existem registros"):
		f.Class = ClassEmpty
	case status == 408 || status >= 502:
		f.Class = ClassTransient
	}
	if m := seconds.FindStringSubmatch(text); m != nil && f.Wait > 0 {
		if n, err := strconv.Atoi(m[1]); err == nil && n < 24*60*60 {
			// The second that the text leaves out.
			f.Wait = time.Duration(n+1) * time.Second
		}
	}
	return f
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

var personal = regexp.MustCompile(`\S*@\S*|\[[^\]]*\]|"[^"]*"|\d+`)

// excerpt is the start of a text without what may be a customer's.
func excerpt(text string) string {
	clean := []rune(personal.ReplaceAllString(strings.Join(strings.Fields(text), " "), "…"))
	return string(clean[:min(len(clean), 120)])
}
