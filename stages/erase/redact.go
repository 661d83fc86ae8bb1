package erase

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/bateia/bateia/schemas"
)

// Redaction is what characters are overwritten with: one byte in every encoding
// that has bytes for characters. Rows of nothing else are answered as those of people
// who must not come back.
const Redaction = '*'

// unit is how many bytes a character of an encoding has at least, and their order.
func unit(encoding string) (int, binary.ByteOrder) {
	switch encoding {
	case "utf-16le":
		return 2, binary.LittleEndian
	case "utf-16be":
		return 2, binary.BigEndian
	case "utf-32le":
		return 4, binary.LittleEndian
	case "utf-32be":
		return 4, binary.BigEndian
	}
	return 1, nil
}

// Redact overwrites the characters of a record in place. What gives the record its
// shape stays, so that the rows behind it keep their numbers and lines: delimiters,
// quotes, escapes and line ends.
func Redact(record []byte, d schemas.Dialect) {
	size, order := unit(d.Encoding)
	if size > 1 {
		for at := 0; at+size <= len(record); at += size {
			c := value(record[at:at+size], order)
			if c != 0xfeff && (c > utf8.RuneSelf || !shapes(byte(c), d)) {
				put(record[at:at+size], order, Redaction)
			}
		}
		return
	}
	for at := 0; at < len(record); {
		if n := len(d.Delimiter); n > 0 && strings.HasPrefix(string(record[at:min(at+n, len(record))]), d.Delimiter) {
			at += n
			continue
		}
		if !shapes(record[at], d) {
			record[at] = Redaction
		}
		at++
	}
}

func shapes(c byte, d schemas.Dialect) bool {
	if c == '\r' || c == '\n' || c == '\\' && d.Escape != "" {
		return true
	}
	return len(d.Delimiter) == 1 && c == d.Delimiter[0] || d.Quote != "" && c == d.Quote[0] || d.Escape != "" && c == d.Escape[0]
}

func value(b []byte, order binary.ByteOrder) uint32 {
	if len(b) == 2 {
		return uint32(order.Uint16(b))
	}
	return order.Uint32(b)
}

func put(b []byte, order binary.ByteOrder, c uint32) {
	if len(b) == 2 {
		order.PutUint16(b, uint16(c))
		return
	}
	order.PutUint32(b, c)
}

// Text returns bytes of a file as text. Bytes that are no UTF-8 are read as one
// character each, which is right for names in western alphabets.
func Text(raw []byte, encoding string) string {
	size, order := unit(encoding)
	if size == 1 {
		if utf8.Valid(raw) {
			return string(raw)
		}
		runes := make([]rune, len(raw))
		for i, c := range raw {
			runes[i] = rune(c)
		}
		return string(runes)
	}
	units := make([]uint16, 0, len(raw)/size)
	var out strings.Builder
	for at := 0; at+size <= len(raw); at += size {
		c := value(raw[at:at+size], order)
		if size == 4 {
			out.WriteRune(rune(c))
			continue
		}
		units = append(units, uint16(c))
	}
	for _, r := range utf16.Decode(units) {
		out.WriteRune(r)
	}
	return out.String()
}

// Guess tells the encodings with several bytes a character from the others, by
// their byte order mark.
func Guess(start []byte) string {
	switch {
	case len(start) >= 2 && start[0] == 0xff && start[1] == 0xfe:
		return "utf-16le"
	case len(start) >= 2 && start[0] == 0xfe && start[1] == 0xff:
		return "utf-16be"
	}
	return "utf-8"
}
