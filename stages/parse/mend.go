package parse

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/bateia/bateia/schemas"
)

// sureWidth returns how many cells the header should have: as many as nearly all
// records of the sample. 0 is not known.
func (l *layout) sureWidth() int {
	if l.noHeader || l.headerMore > 0 || l.width < 2 || l.evidence.Records < 4 || l.evidence.Shaped*10 < (l.evidence.Records-1)*9 {
		return 0
	}
	return l.width
}

// mendHeader reads a header again whose line has more or fewer cells than the
// records. It takes a quote for text, leaves an empty name out, or parts two
// names, where exactly one such change makes it fit; else the names stay.
func (r *Reader) mendHeader(line []byte, names []string, width int) (mended []string, ok bool) {
	switch {
	case len(names) == 0 || len(names) == width || strings.TrimSpace(names[len(names)-1]) == "":
		return names, false
	case len(names) == width+1:
		at := -1
		for i, n := range names {
			if strings.TrimSpace(n) == "" {
				if at >= 0 {
					return names, false
				}
				at = i
			}
		}
		if at >= 0 {
			return slices.Delete(slices.Clone(names), at, at+1), true
		}
		return names, false
	}
	r.width, r.least = width, width
	defer func() { r.width, r.least = 0, 0 }()
	if n := r.oneTooMany(line); n >= 0 && len(names) < width {
		b := newBuilder(memory.DefaultAllocator, 1, len(line)+slack, width+1)
		defer b.release()
		r.splitPlain(b, line, n)
		if !utf8.Valid(line) {
			table := r.codec
			if table == nil {
				table, _ = r.otherCodec(line)
			}
			r.recode(b, mark{}, table)
		}
		return cellTexts(b, 0), true
	}
	if len(names) == width-1 {
		return partNames(names, r.quote)
	}
	return names, false
}

// partNames parts the one name that is two without a delimiter between them: a
// quoted one beside another, or two names that are known.
func partNames(names []string, quote byte) (parted []string, ok bool) {
	for i, n := range names {
		first, second := twoNames(n, quote)
		if first == "" {
			continue
		}
		if ok {
			return names, false
		}
		parted, ok = slices.Replace(slices.Clone(names), i, i+1, first, second), true
	}
	if !ok {
		return names, false
	}
	return parted, true
}

// twoNames parts a name, "" when it is one.
func twoNames(name string, quote byte) (first, second string) {
	if quote != 0 {
		q := string(rune(quote))
		bare := strings.Trim(name, q)
		if a, b, found := strings.Cut(bare, q); found {
			if b = strings.Trim(b, q); a != "" && b != "" && !strings.Contains(b, q) {
				return a, b
			}
			return "", ""
		}
	}
	for i := range name {
		if isField(name[:i]) && isField(name[i:]) {
			if first != "" {
				return "", ""
			}
			first, second = name[:i], name[i:]
		}
	}
	return first, second
}

// isField reports whether a name is that of a field beyond doubt.
func isField(name string) bool {
	if utf8.RuneCountInString(name) < 3 {
		return false
	}
	_, confidence, ok := schemas.MatchHeader(name)
	return ok && confidence >= schemas.HeaderSure
}
