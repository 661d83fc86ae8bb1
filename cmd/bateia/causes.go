package main

import (
	"cmp"
	"slices"

	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

// maxSheetRows is how many rows a cause names: as many as fit on a line.
const maxSheetRows = 10

// cause is issues of one code, column and shape of the value.
type cause struct {
	Code      string           `json:"code"`
	Severity  schemas.Severity `json:"severity"`
	Column    *string          `json:"column"`
	Shape     *string          `json:"shape"`
	Rows      int64            `json:"rows"`
	SheetRows []int64          `json:"sheet_rows"` // the first ones
	Message   string           `json:"message"`
	Remedy    string           `json:"remedy"`

	last int64 // row counted last: two cells of one row count once
}

// causes groups the issues of an import, errors first, most rows first.
func (s *session) causes(a *app.App, row postgres.Import) ([]cause, error) {
	type key struct {
		code, column, shape string
		severity            schemas.Severity
	}
	index := map[key]int{}
	var out []cause
	for issue, err := range a.Issues(s.ctx, row, "", "") {
		if err != nil {
			return nil, err
		}
		k := key{issue.Code, deref(issue.Column), deref(issue.Shape), issue.Severity}
		i, known := index[k]
		if !known {
			i = len(out)
			index[k] = i
			args := fileArgs(row, issue)
			out = append(out, cause{Code: issue.Code, Severity: issue.Severity, Column: issue.Column, Shape: issue.Shape,
				SheetRows: []int64{}, Message: schemas.Sentence(issue.Code, s.words.Locale, args),
				Remedy: schemas.Remedy(issue.Code, s.words.Locale, args)})
			if issue.Row == nil {
				out[i].Rows = max(args.Count, 1)
			}
		}
		c := &out[i]
		if issue.Row == nil || c.last == *issue.Row {
			continue
		}
		c.last = *issue.Row
		c.Rows++
		if issue.SheetRow != nil && len(c.SheetRows) < maxSheetRows {
			c.SheetRows = append(c.SheetRows, *issue.SheetRow)
		}
	}
	slices.SortStableFunc(out, func(x, y cause) int {
		return cmp.Or(cmp.Compare(x.Severity, y.Severity), cmp.Compare(y.Rows, x.Rows), cmp.Compare(x.Code, y.Code))
	})
	return out, nil
}

// fileArgs is what the sentence of an issue on the file has to say.
func fileArgs(row postgres.Import, issue postgres.Issue) schemas.Args {
	if issue.Row != nil {
		return schemas.Args{}
	}
	for _, f := range row.Facts.Issues {
		if f.Code == issue.Code {
			return f.Args()
		}
	}
	return schemas.Args{}
}

// sheetRows lists the first rows of a cause, and says when there are more.
func sheetRows(say func(string, ...any) string, c cause) string {
	list := joinRows(c.SheetRows)
	if c.Rows > int64(len(c.SheetRows)) && len(c.SheetRows) > 0 {
		return say("and_more", "rows", list)
	}
	return list
}
