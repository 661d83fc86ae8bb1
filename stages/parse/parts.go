package parse

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// How much of the middle and of the end of an object is looked at, and how many
// records of each. With the start of it that is a few milliseconds, whatever the
// size of the object.
const (
	partBytes = 64 << 10
	partRows  = 80
)

// readParts reads the middle and the end of an object, as far as they are behind
// the first sample. They start where a character of UTF-16 and UTF-32 may start,
// and anywhere in a line.
func readParts(src io.ReaderAt, size int64) (parts [][]byte, err error) {
	for _, at := range []int64{size / 2, size - partBytes} {
		if at &^= 3; at < sampleBytes {
			continue
		}
		part := make([]byte, partBytes)
		n, err := src.ReadAt(part, at)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("read object at %d: %w", at, err)
		}
		parts = append(parts, part[:n])
	}
	return parts, nil
}

// wholeLines cuts what is no whole line at both ends.
func wholeLines(part []byte, end byte) []byte {
	_, part, _ = bytes.Cut(part, []byte{end})
	return part[:bytes.LastIndexByte(part, end)+1]
}

// lookFurther decides over the encoding of an object that starts with ASCII: by
// the middle and the end of it. When they are ASCII too, the first record with
// other characters decides.
func lookFurther(parts [][]byte, g guess) guess {
	for _, part := range parts {
		if further, ok := guessEncoding(wholeLines(part, '\n'), true); ok && further.proved && wideEncodings[further.name] == nil {
			return guess{name: further.name, bom: g.bom, proved: true}
		}
	}
	return g
}

// texts returns the whole lines of parts as text that is a superset of ASCII.
func (g guess) texts(parts [][]byte, crEnds bool) (texts [][]byte) {
	end := byte('\n')
	if crEnds {
		end = '\r'
	}
	for _, part := range parts {
		if d := wideEncodings[g.name]; d != nil {
			decoded := make([]byte, d.maxText(len(part)))
			_, n := d.decode(decoded, part, false)
			part = decoded[:n]
		}
		texts = append(texts, wholeLines(part, end))
	}
	return texts
}
