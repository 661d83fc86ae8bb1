package parse

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"
)

// xmlKind is what an xmlToken is.
type xmlKind uint8

const (
	xmlStart xmlKind = iota + 1
	xmlEnd
	xmlText
)

// xmlToken is a piece of XML, valid until the next one is read.
type xmlToken struct {
	kind  xmlKind
	name  []byte // of an element, without its prefix
	attrs []xmlAttr
	text  []byte
}

type xmlAttr struct{ name, value []byte }

// attr returns the value of an attribute, nil for none. Attributes with a prefix
// have it in their name.
func (t *xmlToken) attr(name string) []byte {
	for i := range t.attrs {
		if string(t.attrs[i].name) == name {
			return t.attrs[i].value
		}
	}
	return nil
}

var (
	errXML     = errors.New("damaged XML")
	errXMLLong = errors.New("too much XML at once")
)

// xmlLexer splits UTF-8 XML as workbooks use it, four times as fast as
// encoding/xml, which makes strings of every name and value. It knows no
// document type, and so no entities that expand; FuzzXML compares the two.
type xmlLexer struct {
	r        io.Reader
	buf      []byte
	pos, end int
	eof      bool
	most     int // bytes of one token
	closing  bool
	tok      xmlToken
	tmp      []byte // decoded texts of the token
}

func newXMLLexer(r io.Reader, most int) *xmlLexer {
	x := &xmlLexer{r: r, most: most, buf: make([]byte, xmlReadBuffer)}
	return x
}

// fill reads more behind what is held of the token that begins at x.pos.
func (x *xmlLexer) fill() error {
	if x.eof {
		return io.ErrUnexpectedEOF
	}
	if x.end-x.pos >= x.most {
		return errXMLLong
	}
	if x.pos > 0 {
		copy(x.buf, x.buf[x.pos:x.end])
		x.end -= x.pos
		x.pos = 0
	}
	if x.end == len(x.buf) {
		x.buf = append(x.buf, make([]byte, len(x.buf))...)
	}
	n, err := x.r.Read(x.buf[x.end:])
	x.end += n
	if errors.Is(err, io.EOF) {
		x.eof = true
		return nil
	}
	return err
}

// find returns the length of the token up to the end of what, and reads until it
// is held whole.
func (x *xmlLexer) find(from int, what string) (int, error) {
	for {
		held := x.buf[x.pos:x.end]
		if len(held) >= from {
			if i := bytes.Index(held[from:], []byte(what)); i >= 0 {
				return from + i + len(what), nil
			}
			from = max(from, len(held)-len(what)+1)
		}
		if err := x.fill(); err != nil {
			return 0, err
		}
	}
}

// next returns the next token, and io.EOF behind the last one.
func (x *xmlLexer) next() (*xmlToken, error) {
	x.tmp = x.tmp[:0]
	if x.closing { // <a/> is <a></a>
		x.closing = false
		x.tok.kind, x.tok.attrs = xmlEnd, x.tok.attrs[:0]
		return &x.tok, nil
	}
	for {
		for x.pos == x.end {
			if x.eof {
				return nil, io.EOF
			}
			if err := x.fill(); err != nil {
				return nil, err
			}
		}
		if x.buf[x.pos] != '<' {
			return x.text()
		}
		for x.end-x.pos < 2 {
			if err := x.fill(); err != nil {
				return nil, err
			}
		}
		switch x.buf[x.pos+1] {
		case '?':
			n, err := x.find(2, "?>")
			if err != nil {
				return nil, err
			}
			x.pos += n
		case '!':
			t, err := x.bang()
			if t != nil || err != nil {
				return t, err
			}
		default:
			return x.tag()
		}
	}
}

// bang reads a comment, for which it returns nothing, or a text as it stands.
func (x *xmlLexer) bang() (*xmlToken, error) {
	const comment, literal = "<!--", "<![CDATA["
	for x.end-x.pos < len(literal) && !x.eof {
		if err := x.fill(); err != nil {
			return nil, err
		}
	}
	held := x.buf[x.pos:x.end]
	switch {
	case bytes.HasPrefix(held, []byte(comment)):
		n, err := x.find(len(comment), "-->")
		if err != nil {
			return nil, err
		}
		x.pos += n
		return nil, nil
	case bytes.HasPrefix(held, []byte(literal)):
		n, err := x.find(len(literal), "]]>")
		if err != nil {
			return nil, err
		}
		text := x.buf[x.pos+len(literal) : x.pos+n-len("]]>")]
		x.pos += n
		return x.asText(text, false)
	}
	return nil, errXML
}

// text reads up to the next tag.
func (x *xmlLexer) text() (*xmlToken, error) {
	n, err := x.find(0, "<")
	switch {
	case err == nil:
		n--
	case errors.Is(err, io.ErrUnexpectedEOF) && x.eof:
		n = x.end - x.pos
	default:
		return nil, err
	}
	text := x.buf[x.pos : x.pos+n]
	x.pos += n
	return x.asText(text, true)
}

func (x *xmlLexer) asText(text []byte, escaped bool) (*xmlToken, error) {
	if !utf8.Valid(text) {
		return nil, errXML
	}
	var err error
	if x.tok.text, err = x.unescape(text, escaped); err != nil {
		return nil, err
	}
	x.tok.kind = xmlText
	return &x.tok, nil
}

// tag reads <a b="c">, <a/> or </a>.
func (x *xmlLexer) tag() (*xmlToken, error) {
	n, err := x.find(1, ">")
	if err != nil {
		return nil, err
	}
	// A > may stand in a value.
	for oddQuotes(x.buf[x.pos : x.pos+n]) {
		if n, err = x.find(n, ">"); err != nil {
			return nil, err
		}
	}
	in := x.buf[x.pos+1 : x.pos+n-1]
	x.pos += n
	x.tok.kind, x.tok.attrs = xmlStart, x.tok.attrs[:0]
	if len(in) > 0 && in[0] == '/' {
		x.tok.kind, in = xmlEnd, in[1:]
	} else if len(in) > 0 && in[len(in)-1] == '/' {
		x.closing, in = true, in[:len(in)-1]
	}
	name, in := cutName(in)
	if len(name) == 0 {
		return nil, errXML
	}
	if i := bytes.IndexByte(name, ':'); i > 0 && i < len(name)-1 {
		name = name[i+1:]
	}
	x.tok.name = name
	return &x.tok, x.attributes(in)
}

// attributes reads what stands behind the name of an element.
func (x *xmlLexer) attributes(in []byte) error {
	for {
		if in = bytes.TrimLeft(in, " \t\r\n"); len(in) == 0 {
			return nil
		}
		name, rest := cutName(in)
		rest = bytes.TrimLeft(rest, " \t\r\n")
		if len(name) == 0 || len(rest) == 0 || rest[0] != '=' || x.tok.kind == xmlEnd {
			return errXML
		}
		rest = bytes.TrimLeft(rest[1:], " \t\r\n")
		if len(rest) == 0 || rest[0] != '"' && rest[0] != '\'' {
			return errXML
		}
		end := bytes.IndexByte(rest[1:], rest[0])
		if end < 0 {
			return errXML
		}
		value, err := x.unescape(rest[1:1+end], true)
		if err != nil || !utf8.Valid(value) {
			return errXML
		}
		x.tok.attrs = append(x.tok.attrs, xmlAttr{name, value})
		in = rest[end+2:]
	}
}

// oddQuotes reports whether a quoted value is open at the end of a tag.
func oddQuotes(tag []byte) bool {
	for {
		i := bytes.IndexAny(tag, `"'`)
		if i < 0 {
			return false
		}
		end := bytes.IndexByte(tag[i+1:], tag[i])
		if end < 0 {
			return true
		}
		tag = tag[i+end+2:]
	}
}

// cutName cuts a name from what follows it.
func cutName(in []byte) (name, rest []byte) {
	for i, c := range in {
		switch c {
		case ' ', '\t', '\r', '\n', '=', '/', '<', '"', '\'', '&':
			return in[:i], in[i:]
		}
	}
	return in, nil
}

// unescape replaces &amp; and its like, and makes all line ends \n.
func (x *xmlLexer) unescape(text []byte, escaped bool) ([]byte, error) {
	marks := "\r"
	if escaped {
		marks = "&\r"
	}
	if !bytes.ContainsAny(text, marks) {
		return text, nil
	}
	from := len(x.tmp)
	for len(text) > 0 {
		i := bytes.IndexAny(text, marks)
		if i < 0 {
			x.tmp = append(x.tmp, text...)
			break
		}
		x.tmp = append(x.tmp, text[:i]...)
		if text[i] == '\r' {
			x.tmp = append(x.tmp, '\n')
			text = bytes.TrimPrefix(text[i+1:], []byte("\n"))
			continue
		}
		end := bytes.IndexByte(text[i:], ';')
		if end < 0 {
			return nil, errXML
		}
		r, ok := entity(text[i+1 : i+end])
		if !ok {
			return nil, errXML
		}
		x.tmp = utf8.AppendRune(x.tmp, r)
		text = text[i+end+1:]
	}
	return x.tmp[from:], nil
}

// entity returns the character that a name between & and ; stands for.
func entity(name []byte) (rune, bool) {
	switch string(name) {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	digits, base := name[1:], 10
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(string(digits), base, 32)
	if err != nil || n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
		return 0, false
	}
	return rune(n), true
}
