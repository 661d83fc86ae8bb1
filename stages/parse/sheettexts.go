package parse

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
)

const (
	textsInMemory = 32 << 20 // bytes of shared texts; further ones go to a file
	textsMost     = 16 << 20 // a sheet of a million rows has room for sixteen columns of unique texts
)

// sharedTexts are the texts of a workbook, which cells name by index. Most of
// them stay in memory; a file takes what would be too much.
type sharedTexts struct {
	ends []int64 // offset behind each text
	mem  []byte
	file *os.File
	out  *bufio.Writer
	buf  []byte
}

// readTexts reads the shared texts of a workbook; part "" is a workbook without.
func (b *workbook) readTexts(part, dir string) error {
	if part == "" || b.parts[part] == nil {
		return nil
	}
	p, err := b.openPart(part)
	if err != nil {
		return err
	}
	defer p.close()
	var text []byte
	in := 0 // depth of the text that is read
	for {
		t, err := p.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		switch t.kind {
		case xmlStart:
			switch string(t.name) {
			case "sst", "r":
			case "si":
				text = text[:0]
			case "t":
				in = p.depth
			default:
				if err := p.skip(); err != nil {
					return err
				}
			}
		case xmlText:
			if in > 0 && p.depth == in {
				text = append(text, t.text...)
			}
		case xmlEnd:
			in = 0
			if string(t.name) == "si" {
				if err := b.texts.add(plainText(text), dir); err != nil {
					return err
				}
			}
		}
	}
	if err := p.finish(); err != nil {
		return err
	}
	return b.texts.flush()
}

func (s *sharedTexts) add(text []byte, dir string) (err error) {
	if len(s.ends) >= textsMost {
		return refusal(CodeBomb, fmt.Sprintf("texts > %d", textsMost))
	}
	end := int64(len(text))
	if n := len(s.ends); n > 0 {
		end += s.ends[n-1]
	}
	s.ends = append(s.ends, end)
	if s.file == nil && end <= textsInMemory {
		s.mem = append(s.mem, text...)
		return nil
	}
	if s.file == nil {
		if s.file, err = os.CreateTemp(dir, "texts-"); err != nil {
			return fmt.Errorf("create file of texts: %w", err)
		}
		s.out = bufio.NewWriterSize(s.file, readAhead)
	}
	if _, err := s.out.Write(text); err != nil {
		return scratchError(fmt.Errorf("write texts: %w", err))
	}
	return nil
}

func (s *sharedTexts) flush() error {
	if s.file == nil {
		return nil
	}
	if err := s.out.Flush(); err != nil {
		return scratchError(fmt.Errorf("write texts: %w", err))
	}
	return nil
}

// at returns a text, valid until the next call.
func (s *sharedTexts) at(i int) ([]byte, error) {
	if i < 0 || i >= len(s.ends) {
		return nil, damagedWorkbook()
	}
	from, to := int64(0), s.ends[i]
	if i > 0 {
		from = s.ends[i-1]
	}
	inMemory := int64(len(s.mem))
	if to <= inMemory {
		return s.mem[from:to], nil
	}
	n := int(to - from)
	if cap(s.buf) < n {
		s.buf = make([]byte, n)
	}
	s.buf = s.buf[:n]
	// Once a text went to the file all later ones did.
	if _, err := s.file.ReadAt(s.buf, from-inMemory); err != nil {
		return nil, fmt.Errorf("read texts: %w", err)
	}
	return s.buf, nil
}

func (s *sharedTexts) close() error {
	if s.file == nil {
		return nil
	}
	f := s.file
	s.file = nil
	return discard(f)
}
