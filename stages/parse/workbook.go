package parse

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/bateia/bateia/pipeline"
)

// workbookName is the encoding of a sheet in a dialect.
const workbookName = "xlsx"

// structureMost is how much of a workbook beside sheets and texts is held in
// memory, unpacked: styles, names, relations. Most need less than a hundredth.
const structureMost = 32 << 20

// workbook is an open .xlsx. Its structure is read by excelize; the cells are
// streamed from the archive by this package, because excelize's rows give a cell
// without its type and number format, and end silently where the XML is damaged.
type workbook struct {
	ctx     context.Context
	archive *archive
	parts   map[string]*zip.File // by name in lower case
	sheets  []sheet              // in the order of the tabs, visible ones first
	styles  []numberFormat       // by the index that cells carry
	epoch   epoch
	texts   sharedTexts
	read    *sink // counts what is unpacked
}

// sheet is one worksheet.
type sheet struct {
	name, part string
	hidden     bool
}

// openWorkbook reads the structure of a workbook and its shared texts. The
// caller closes it.
func openWorkbook(ctx context.Context, a *archive, o UnpackOptions) (*workbook, error) {
	// XML is at most some ten times as long as the text in it.
	b := &workbook{ctx: ctx, archive: a, parts: map[string]*zip.File{}, read: newSink(ctx, 16*o.MaxBytes, a.size)}
	for _, f := range a.files {
		name := strings.ToLower(strings.TrimPrefix(partName(f.Name), "/"))
		if _, twice := b.parts[name]; !twice {
			b.parts[name] = f
		}
		if f.Flags&1 != 0 {
			return nil, notCSV(formatProtected)
		}
	}
	f, err := b.structure()
	if err != nil {
		return nil, err
	}
	defer f.Close() // it holds no file: its parts are in memory
	texts, err := b.findSheets(f)
	if err != nil {
		return nil, err
	}
	b.styles = numberFormats(f)
	if p := f.WorkBook.WorkbookPr; p != nil && p.Date1904 {
		b.epoch = epoch1904
	}
	if err := b.readTexts(texts, o.Dir); err != nil {
		return nil, errors.Join(err, b.close())
	}
	return b, nil
}

func (b *workbook) close() error { return b.texts.close() }

// structure hands excelize a workbook without the cells: everything in the
// folders of the workbook itself, and nothing of pictures, sheets and texts,
// which excelize would hold in memory.
func (b *workbook) structure() (f *excelize.File, err error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	var size uint64
	for name, part := range b.parts {
		if !structural(name) {
			continue
		}
		if size += part.UncompressedSize64 + part.CompressedSize64; size > structureMost {
			return nil, refusal(CodeBomb, "styles and names > "+sizeText(structureMost))
		}
		if err := z.Copy(part); err != nil {
			return nil, b.archive.damage(err, "read workbook")
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("read workbook: %w", err)
	}
	defer func() {
		// A library that reads what strangers send may trip over it: that is the
		// file's fault, not the end of a worker.
		if recover() != nil {
			f, err = nil, damagedWorkbook()
		}
	}()
	f, err = excelize.OpenReader(&out, excelize.Options{RawCellValue: true, UnzipSizeLimit: structureMost, UnzipXMLSizeLimit: structureMost})
	if err != nil || f.WorkBook == nil {
		return nil, damagedWorkbook()
	}
	return f, nil
}

// structural reports whether a part is needed to know the sheets and formats.
func structural(name string) bool {
	switch path.Dir(name) {
	case ".", "_rels", "xl", "xl/_rels":
		ext := path.Ext(name)
		return (ext == ".xml" || ext == ".rels") && path.Base(name) != "sharedstrings.xml"
	}
	return false
}

// relations are the parts that a part refers to.
type relations struct {
	List []struct {
		ID     string `xml:"Id,attr"`
		Type   string `xml:"Type,attr"`
		Target string `xml:"Target,attr"`
		Mode   string `xml:"TargetMode,attr"`
	} `xml:"Relationship"`
}

// related reads the relations of a part, "" for the workbook as a whole. The
// targets come as names in b.parts.
func (b *workbook) related(f *excelize.File, part string) (relations, error) {
	dir, base := path.Split(part)
	name := dir + "_rels/" + base + ".rels"
	var out relations
	var text []byte
	f.Pkg.Range(func(key, value any) bool {
		if strings.EqualFold(key.(string), name) {
			text, _ = value.([]byte)
		}
		return text == nil
	})
	if err := xml.Unmarshal(text, &out); err != nil {
		return out, damagedWorkbook()
	}
	for i, r := range out.List {
		target := partName(r.Target)
		if !strings.HasPrefix(target, "/") {
			target = path.Join("/", dir, target)
		}
		out.List[i].Target = strings.ToLower(strings.TrimPrefix(path.Clean(target), "/"))
	}
	return out, nil
}

// findSheets lists the worksheets; texts is the part of the shared texts.
func (b *workbook) findSheets(f *excelize.File) (texts string, err error) {
	root, err := b.related(f, "")
	if err != nil {
		return "", err
	}
	main := "xl/workbook.xml"
	for _, r := range root.List {
		if strings.HasSuffix(r.Type, "/officeDocument") {
			main = r.Target
		}
	}
	rels, err := b.related(f, main)
	if err != nil {
		return "", err
	}
	parts := map[string]string{}
	for _, r := range rels.List {
		switch {
		case r.Mode == "External":
		case strings.HasSuffix(r.Type, "/worksheet"): // chart sheets and macro sheets hold no cells
			parts[r.ID] = r.Target
		case strings.HasSuffix(r.Type, "/sharedStrings"):
			texts = r.Target
		}
	}
	for _, s := range f.WorkBook.Sheets.Sheet {
		part, ok := parts[s.ID]
		if !ok {
			continue
		}
		if b.parts[part] == nil {
			return "", damagedWorkbook()
		}
		b.sheets = append(b.sheets, sheet{s.Name, part, s.State != "" && s.State != "visible"})
	}
	if len(b.sheets) == 0 {
		return "", damagedWorkbook()
	}
	slices.SortStableFunc(b.sheets, func(x, y sheet) int {
		switch {
		case x.hidden == y.hidden:
			return 0
		case x.hidden:
			return 1
		}
		return -1
	})
	return texts, nil
}

// damagedWorkbook refuses a workbook that its own program would offer to repair.
func damagedWorkbook() error {
	return notCSV(formatDamaged)
}

// choose returns the sheet to read and the names of further ones with a table.
func (b *workbook) choose(asked string) (chosen sheet, others []string, err error) {
	if asked != "" {
		var names []string
		for _, same := range []func(string) bool{
			func(name string) bool { return name == asked },
			func(name string) bool { return strings.EqualFold(strings.TrimSpace(name), strings.TrimSpace(asked)) },
		} {
			for _, s := range b.sheets {
				if same(s.name) {
					return s, nil, nil
				}
			}
		}
		for _, s := range b.sheets {
			names = append(names, s.name)
		}
		return sheet{}, nil, refusal(CodeSheetUnknown, asked, names...)
	}
	var tables, lists, filled []sheet
	for _, s := range b.sheets {
		shape, err := b.peek(s)
		if err != nil {
			return sheet{}, nil, err
		}
		switch {
		case shape.wide >= 2:
			tables = append(tables, s)
		case shape.rows >= 2:
			lists = append(lists, s)
		case shape.rows > 0:
			filled = append(filled, s)
		}
	}
	all := slices.Concat(tables, lists, filled)
	if len(all) == 0 {
		return sheet{}, nil, pipeline.Reject(CodeEmpty, "read workbook")
	}
	for _, s := range tables[min(1, len(tables)):] {
		others = append(others, s.name)
	}
	return all[0], others, nil
}

// shape is what the first rows of a sheet look like.
type shape struct {
	rows int // with content
	wide int // with content in at least two cells
}

// errEnough ends the reading of a sheet.
var errEnough = errors.New("enough")

// peekRows decide whether a sheet holds a table.
const peekRows = 50

// peek looks at the first rows of a sheet. A table has two rows of two cells or
// more; a cover page seldom has.
func (b *workbook) peek(s sheet) (shape, error) {
	var out shape
	err := b.rows(s, func(_ int, cells [][]byte) error {
		filled := 0
		for _, c := range cells {
			if len(bytes.TrimSpace(c)) > 0 {
				filled++
			}
		}
		if filled > 0 {
			out.rows++
		}
		if filled > 1 {
			out.wide++
		}
		if out.rows >= peekRows || out.wide >= 2 {
			return errEnough
		}
		return nil
	}, nil)
	if errors.Is(err, errEnough) {
		err = nil
	}
	return out, err
}
