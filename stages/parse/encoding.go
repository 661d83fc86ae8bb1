package parse

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// Names of the encodings that this package reads, as they stand in
// schemas.Dialect.
const (
	utf8Name     = "utf-8"
	utf16LEName  = "utf-16le"
	utf16BEName  = "utf-16be"
	utf32LEName  = "utf-32le"
	utf32BEName  = "utf-32be"
	cp1252Name   = "windows-1252"
	latin9Name   = "iso-8859-15"
	macRomanName = "macintosh"
	cp850Name    = "ibm850"
)

// encodingAliases are other names that people give. Latin 1 is read as
// Windows-1252, as browsers do: the two differ only in control characters that
// no file of leads has.
var encodingAliases = map[string]string{
	"utf8": utf8Name, "utf-8-sig": utf8Name, "ascii": utf8Name, "us-ascii": utf8Name,
	"utf16": utf16LEName, "utf-16": utf16LEName, "utf16le": utf16LEName, "utf16be": utf16BEName, "utf-32": utf32LEName,
	"cp1252": cp1252Name, "ansi": cp1252Name, "latin1": cp1252Name, "latin-1": cp1252Name,
	"iso-8859-1": cp1252Name, "iso8859-1": cp1252Name, "iso_8859-1": cp1252Name,
	"latin9": latin9Name, "latin-9": latin9Name, "iso8859-15": latin9Name,
	"mac": macRomanName, "macroman": macRomanName, "mac-roman": macRomanName, "x-mac-roman": macRomanName,
	"cp850": cp850Name, "ibm-850": cp850Name,
}

// byteEncodings are those in which a byte is a character.
var byteEncodings = map[string]*charmap.Charmap{
	cp1252Name: charmap.Windows1252, latin9Name: charmap.ISO8859_15,
	macRomanName: charmap.Macintosh, cp850Name: charmap.CodePage850,
}

// wideEncodings are those with more bytes a unit.
var wideEncodings = map[string]*wideDecoder{
	utf16LEName: {2, binary.LittleEndian}, utf16BEName: {2, binary.BigEndian},
	utf32LEName: {4, binary.LittleEndian}, utf32BEName: {4, binary.BigEndian},
}

// canonicalEncoding returns the name used here for a name that people give.
func canonicalEncoding(name string) (string, bool) {
	name = strings.ToLower(strings.TrimSpace(name))
	if a, ok := encodingAliases[name]; ok {
		name = a
	}
	_, wide := wideEncodings[name]
	_, single := byteEncodings[name]
	return name, wide || single || name == utf8Name
}

// codec turns the bytes 0x80 to 0xFF of a single-byte encoding into UTF-8.
type codec [128]string

func newCodec(name string) *codec {
	m, ok := byteEncodings[name]
	if !ok {
		return nil
	}
	c := new(codec)
	for i := range c {
		c[i] = string(m.DecodeByte(byte(0x80 + i)))
	}
	return c
}

// decode makes valid UTF-8 in the form NFC of the cells behind m, whose record is
// raw in the window, and returns CodeEncoding when that loses something: bytes
// that mean nothing in the encoding, or NUL bytes.
func (r *Reader) decode(b *builder, m mark, raw []byte) (code string) {
	w := &r.win
	if w.pos < w.nul && bytes.IndexByte(raw, 0) >= 0 {
		code = CodeEncoding
	}
	if w.pos >= w.high || (w.pos >= w.suspect && w.pos >= w.marks && r.codec == nil && r.proved) || isASCII(raw) {
		return code
	}
	if r.codec == nil && utf8.Valid(raw) || r.codec != nil && !r.encodingAsked && latinUTF8(raw) {
		// In a file of single bytes too: a record was pasted there by a program
		// that writes UTF-8.
		r.proved = true
		if mayCombine(raw) {
			r.rewrite(b, m, norm.NFC.Append)
		}
		return code
	}
	if r.codec == nil && !r.proved && w.wide == nil {
		// The first characters other than ASCII, and they are not UTF-8.
		r.dialect.Encoding, _ = guessSingleByte(raw)
		r.codec = newCodec(r.dialect.Encoding)
		r.proved = true
	}
	table := r.codec
	if table == nil {
		var sure bool
		if table, sure = r.otherCodec(raw); !sure {
			code = CodeEncoding
		}
	}
	if r.recode(b, m, table) {
		code = CodeEncoding
	}
	if mayCombine(b.text[m.n:b.n]) {
		r.rewrite(b, m, norm.NFC.Append)
	}
	return code
}

// latinUTF8 reports whether text is UTF-8 of Latin letters, of signs or of
// emoji. By chance next to no text of single bytes is.
func latinUTF8(text []byte) bool {
	for len(text) > 0 {
		c, n := utf8.DecodeRune(text)
		switch {
		case c == utf8.RuneError:
			return false
		case c < 0x180, c >= 0x300 && c < 0x370, c >= 0x2000 && c < 0x2C00, c >= 0x1F000:
		default:
			return false
		}
		text = text[n:]
	}
	return true
}

// rewrite replaces every cell behind m by what f appends for it.
func (r *Reader) rewrite(b *builder, m mark, f func(dst []byte, cell ...byte) []byte) {
	r.scratch = append(r.scratch[:0], b.text[m.n:b.n]...)
	from := 0
	b.n = m.n
	ends := b.off[m.cells+1 : b.cells+1]
	var cell []byte
	for i := range ends {
		end := int(ends[i]) - m.n
		cell = f(cell[:0], r.scratch[from:end]...)
		b.room(len(cell))
		b.n += copy(b.text[b.n:], cell)
		from = end
		ends[i] = int32(b.n)
	}
}

// otherCodec is the table for a record that is not UTF-8 in a file of UTF-8.
// Files that grew by pasting have lines of another encoding: sure says that the
// record has no sequence of UTF-8 and that every byte makes sense in that one.
// What was UTF-16 or UTF-32 has no such second reading.
func (r *Reader) otherCodec(raw []byte) (table *codec, sure bool) {
	if r.win.wide != nil {
		c := new(codec)
		for i := range c {
			c[i] = string(utf8.RuneError)
		}
		return c, false
	}
	mixed := false
	for b := raw; len(b) > 0; {
		_, n := utf8.DecodeRune(b)
		// A lead byte at the end of a word is a letter of which the rest was cut.
		cut := (b[0] == 0xC2 || b[0] == 0xC3) && (len(b) == 1 || !isWord(b[1]))
		mixed = mixed || n > 1 || cut
		b = b[n:]
	}
	name, ok := guessSingleByte(raw)
	if mixed || !ok {
		return newCodec(cp1252Name), false
	}
	for _, s := range singleBytes() {
		if s.name == name {
			good, bad := s.plausible(raw)
			return newCodec(name), good > 0 && bad == 0
		}
	}
	return newCodec(cp1252Name), false
}

// recode rewrites the cells behind m with valid UTF-8. Valid sequences stay
// when the file is UTF-8; other bytes go by the table. It reports whether some
// of them mean nothing in it.
func (r *Reader) recode(b *builder, m mark, table *codec) (lost bool) {
	r.scratch = append(r.scratch[:0], b.text[m.n:b.n]...)
	ends := b.off[m.cells+1 : b.cells+1]
	src, from := r.scratch, m.n
	b.n = m.n
	b.room(3 * len(src)) // no character of the tables is longer
	dst, n, i := b.text, b.n, 0
	for k := range ends {
		for end := int(ends[k]) - from; i < end; {
			c := src[i]
			if c < utf8.RuneSelf {
				dst[n] = c
				n++
				i++
				continue
			}
			if r.codec == nil {
				if _, size := utf8.DecodeRune(src[i:end]); size > 1 {
					n += copy(dst[n:], src[i:i+size])
					i += size
					continue
				}
			}
			s := table[c-0x80]
			size := 1
			if s == string(utf8.RuneError) {
				lost = true
				size = surrogateLen(src[i:end])
			}
			n += copy(dst[n:], s)
			i += size
		}
		ends[k] = int32(n)
	}
	b.n = n
	return lost
}

// surrogateLen returns the length of the lone surrogate at the start of b, as
// wideDecoder writes it, else 1.
func surrogateLen(b []byte) int {
	if len(b) >= 3 && b[0] == 0xED && b[1] >= 0xA0 && b[1] < 0xC0 {
		return 3
	}
	return 1
}

// guess is what a sample says about the encoding.
type guess struct {
	name   string
	bom    int  // length of the byte order mark
	proved bool // by characters other than ASCII, or by a mark
}

// guessEncoding decides from a sample. ok is false when the bytes make sense in
// no encoding known here.
func guessEncoding(sample []byte, whole bool) (g guess, ok bool) {
	for _, m := range []struct{ mark, name string }{
		{"\xEF\xBB\xBF", utf8Name},
		{"\xFF\xFE\x00\x00", utf32LEName}, {"\x00\x00\xFE\xFF", utf32BEName},
		{"\xFF\xFE", utf16LEName}, {"\xFE\xFF", utf16BEName},
	} {
		if bytes.HasPrefix(sample, []byte(m.mark)) {
			return guess{m.name, len(m.mark), true}, true
		}
	}
	if name := guessWide(sample); name != "" {
		return guess{name, 0, true}, true
	}
	if !whole {
		sample = sample[:len(sample)-partialRune(sample)]
	}
	if isASCII(sample) {
		return guess{name: utf8Name}, true
	}
	if utf8.Valid(sample) {
		return guess{name: utf8Name, proved: true}, true
	}
	// Some lines are UTF-8, some are not: the larger part names the file.
	good, bad := 0, 0
	var rest []byte
	for line := range bytes.Lines(sample) {
		switch {
		case isASCII(line):
		case utf8.Valid(line):
			good++
		default:
			bad++
			rest = append(rest, line...)
		}
	}
	if good > bad {
		return guess{name: utf8Name, proved: true}, true
	}
	name, ok := guessSingleByte(rest)
	return guess{name: name, proved: true}, ok
}

// guessWide recognizes UTF-16 and UTF-32 without a mark by where the zero bytes
// of Latin text stand.
func guessWide(sample []byte) string {
	sample = sample[:len(sample)&^3]
	if len(sample) < 8 {
		return ""
	}
	var zeros [4]int
	for i, c := range sample {
		if c == 0 {
			zeros[i&3]++
		}
	}
	n := len(sample) / 4
	most, none := n*7/10, n/20
	even, odd := min(zeros[0], zeros[2]), min(zeros[1], zeros[3])
	switch {
	case zeros[1] > most && zeros[2] > most && zeros[3] > most && zeros[0] <= none:
		return utf32LEName
	case zeros[0] > most && zeros[1] > most && zeros[2] > most && zeros[3] <= none:
		return utf32BEName
	case odd > most && max(zeros[0], zeros[2]) <= none:
		return utf16LEName
	case even > most && max(zeros[1], zeros[3]) <= none:
		return utf16BEName
	}
	return ""
}
