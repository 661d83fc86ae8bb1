package validate

import (
	"strings"
	"unsafe"
)

// scratch is the memory in which one row's canonical texts are made. A text
// that needs no change stays the cell's own; the others live in buf until
// reset. Growing buf leaves the texts made before where they are.
type scratch struct {
	buf  []byte
	memo map[memoKey]memoValue
}

// maxMemo bounds how many spellings a reader remembers, and maxMemoText how
// long they are, in bytes.
const (
	maxMemo     = 4096
	maxMemoText = 100
)

type memoKey struct {
	kind string // the type and what else decides
	text string
}

type memoValue struct {
	text string
	ok   bool
}

func (s *scratch) reset() { s.buf = s.buf[:0] }

// since returns what was appended to buf after start as a text that lives
// until reset.
func (s *scratch) since(start int) string {
	if start == len(s.buf) {
		return ""
	}
	return unsafe.String(&s.buf[start], len(s.buf)-start)
}

// remember returns f of text, computed once for each spelling: columns of
// states, countries and answers have few of them.
func (s *scratch) remember(kind, text string, f func(text string) (string, bool)) (string, bool) {
	if v, ok := s.memo[memoKey{kind, text}]; ok {
		return v.text, v.ok
	}
	out, ok := f(text)
	if len(s.memo) < maxMemo && len(text) <= maxMemoText {
		if s.memo == nil {
			s.memo = map[memoKey]memoValue{}
		}
		out = strings.Clone(out)
		s.memo[memoKey{strings.Clone(kind), strings.Clone(text)}] = memoValue{out, ok}
	}
	return out, ok
}
