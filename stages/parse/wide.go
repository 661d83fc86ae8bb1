package parse

import (
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// wideDecoder turns UTF-16 or UTF-32 into UTF-8 from which the length of the
// original can be counted back, so that positions need no map: every code unit
// or code point becomes exactly one sequence.
//
//   - A lone surrogate becomes the three bytes that UTF-8 would have for it,
//     which is invalid UTF-8: the record gets ROW_ENCODING.
//   - What is no code point at all becomes badUnit.
//   - Bytes at the end of the object that are no whole unit become badByte each.
type wideDecoder struct {
	unit  int // 2 or 4 bytes
	order byteOrder
}

type byteOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

const (
	badUnit = 0xFE // neither byte ever occurs in UTF-8
	badByte = 0xFF
)

// maxText returns how long the text of n bytes can be.
func (d *wideDecoder) maxText(n int) int { return n/2*3 + 8 }

// decode appends the text of src to dst from its start, which must have room
// for maxText(len(src)) bytes. It returns how much of src it used, all but an
// unfinished character when more is to come, and the length of the text.
func (d *wideDecoder) decode(dst, src []byte, last bool) (used, n int) {
	for used+d.unit <= len(src) {
		var r rune
		size := d.unit
		if d.unit == 4 {
			u := d.order.Uint32(src[used:])
			if u > utf8.MaxRune {
				dst[n] = badUnit
				n++
				used += size
				continue
			}
			r = rune(u)
		} else {
			r = rune(d.order.Uint16(src[used:]))
			if r >= 0xD800 && r < 0xDC00 {
				if used+4 > len(src) {
					if !last {
						return used, n
					}
				} else if full := utf16.DecodeRune(r, rune(d.order.Uint16(src[used+2:]))); full != utf8.RuneError {
					r, size = full, 4
				}
			}
		}
		n += putRune(dst[n:], r)
		used += size
	}
	if last {
		for ; used < len(src); used++ {
			dst[n] = badByte
			n++
		}
	}
	return used, n
}

// putRune writes a rune, surrogates too.
func putRune(dst []byte, r rune) int {
	if r >= 0xD800 && r < 0xE000 {
		dst[0], dst[1], dst[2] = 0xED, 0x80|byte(r>>6)&0x3F, 0x80|byte(r)&0x3F
		return 3
	}
	return utf8.EncodeRune(dst, r)
}

// rawLen returns how many bytes of the object text was made from.
func (d *wideDecoder) rawLen(text []byte) int64 {
	var n int64
	for _, c := range text {
		switch {
		case c >= 0x80 && c < 0xC0: // continues a sequence
		case c == badByte:
			n++
		case c >= 0xF0 && c < badUnit:
			n += 4
		default:
			n += int64(d.unit)
		}
	}
	return n
}
