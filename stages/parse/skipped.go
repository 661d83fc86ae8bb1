package parse

import "github.com/bateia/bateia/schemas"

// skippedMost is how many ranges of skipped lines are told apart.
const skippedMost = 100

// skippedKinds names the kinds of lines that are skipped.
var skippedKinds = [...]string{
	preamble: schemas.SkippedPreamble, comment: schemas.SkippedComment,
	footing: schemas.SkippedFooter, heading: schemas.SkippedHeader,
}

// skipped collects the lines that are no records. Lines of one kind with nothing
// but blank lines between them are one range; in a file of more ranges than are
// worth telling apart the rest goes into the last one of its kind.
type skipped struct {
	list []schemas.Skipped
	row  int64 // records before the last line added
}

// add notes lines that stand at p. p.row is the number of records before them.
func (s *skipped) add(k kind, p position, lines int64) {
	name, at := skippedKinds[k], len(s.list)-1
	if len(s.list) >= skippedMost {
		for at = len(s.list) - 1; at >= 0 && s.list[at].Kind != name; at-- {
		}
	} else if at >= 0 && (s.list[at].Kind != name || s.row != p.row) {
		at = -1
	}
	s.row = p.row
	if at < 0 {
		s.list = append(s.list, schemas.Skipped{
			Kind: name, Lines: lines, Line: p.line, SheetRow: p.sheetRow, Offset: p.offset, Length: p.length,
		})
		return
	}
	s.list[at].Lines += lines
	s.list[at].Length = p.offset + p.length - s.list[at].Offset
}
