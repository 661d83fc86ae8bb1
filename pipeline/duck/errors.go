package duck

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/bateia/bateia/pipeline"
)

// quoted finds what DuckDB puts between quotes: identifiers, but also values.
var quoted = regexp.MustCompile(`"[^"]*"|'[^']*'`)

// wrap turns an error of the engine into a pipeline.Error without values. Only
// errors that are made before a value is seen (a wrong statement) keep their
// text; of the others the class remains.
func wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	for _, ended := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, ended) {
			return &pipeline.Error{Op: op, Kind: pipeline.KindTransient, Err: ended}
		}
	}
	var p *pipeline.Error
	if errors.As(err, &p) {
		return err
	}
	var d *duckdb.Error
	if !errors.As(err, &d) {
		// The driver's own complaints name Go types and counts; the values they may
		// name stand behind the last colon.
		text := err.Error()
		return &pipeline.Error{Op: op, Kind: pipeline.KindPermanent, Err: errors.New("duckdb driver: " + text[:strings.LastIndex(text, ":")+1])}
	}
	out := &pipeline.Error{Op: op, Kind: pipeline.KindPermanent}
	switch d.Type {
	case duckdb.ErrorTypeBinder, duckdb.ErrorTypeCatalog, duckdb.ErrorTypeParser, duckdb.ErrorTypeSyntax, duckdb.ErrorTypeSettings, duckdb.ErrorTypePermission:
		out.Err = errors.New(d.Msg)
	case duckdb.ErrorTypeIO, duckdb.ErrorTypeOutOfMemory:
		out.Kind = pipeline.KindTransient
		out.Hint = "Check the free space of the scratch folder and the memory limit."
		out.Err = errors.New(firstLine(d.Msg))
	case duckdb.ErrorTypeInterrupt:
		out.Kind = pipeline.KindTransient
		out.Err = errors.New("interrupted")
	default:
		class, _, _ := strings.Cut(d.Msg, ":")
		out.Err = errors.New(class)
	}
	return out
}

// firstLine keeps the class and sentence of a message, without anything quoted.
func firstLine(msg string) string {
	line, _, _ := strings.Cut(msg, "\n")
	return quoted.ReplaceAllString(line, "…")
}
