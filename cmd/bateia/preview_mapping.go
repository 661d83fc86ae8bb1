package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/bateia/bateia/cmd/internal/terminal"
	"github.com/bateia/bateia/schemas"
)

// checkNew refuses to write over a file before anything else is done.
func checkNew(name string) error {
	if name == "" {
		return nil
	}
	if _, err := os.Lstat(name); err == nil {
		return usage(fmt.Errorf("%s exists already: remove it, or name another file", name))
	} else if !errors.Is(err, fs.ErrNotExist) {
		return usage(fmt.Errorf("write mapping: %w", err))
	}
	return nil
}

// writeMapping writes what was found as a mapping file with comments. Imported
// as it is the file means what the preview shows.
func (s *session) writeMapping(name, file string, doc previewDocument, asked schemas.Mapping, issues []schemas.FileIssue) error {
	text, err := mappingText(s.words, name, file, doc, asked, issues)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("write mapping: %w", err)
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write mapping: %w", err)
	}
	return nil
}

// mappingText returns the mapping file: every column by its header, in the order
// of the file, with the reason and what the cells show as a comment. Columns
// without a header of their own cannot be named; they are left to the rules, as
// they were in the preview.
func mappingText(w terminal.Words, name, file string, doc previewDocument, asked schemas.Mapping, issues []schemas.FileIssue) ([]byte, error) {
	list := yaml.Node{Kind: yaml.MappingNode}
	for _, c := range doc.Columns {
		header := strings.TrimSpace(c.Name)
		same := 0
		for _, other := range doc.Columns {
			if strings.TrimSpace(other.Name) == header {
				same++
			}
		}
		if header == "" || same > 1 || c.Reason == "own" {
			continue
		}
		list.Content = append(list.Content, quotedNode(header), targetNode(w, c, asked.Columns))
	}
	root := yaml.Node{Kind: yaml.MappingNode, HeadComment: comment(
		w.Say("mapping_head", "file", filepath.Base(file)),
		"  bateia import "+shellQuote(shortPath(file))+" --mapping "+shellQuote(shortPath(name)),
		w.Say("mapping_columns"),
	)}
	put := func(key string, value *yaml.Node) {
		root.Content = append(root.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, value)
	}
	if len(list.Content) > 0 {
		put("columns", &list)
	}
	rest := asked.Rest
	if rest == "" {
		rest = "extra"
	}
	put("rest", &yaml.Node{Kind: yaml.ScalarNode, Value: rest, LineComment: "# " + w.Say("mapping_rest")})
	if err := putAsked(put, asked); err != nil {
		return nil, err
	}
	for _, i := range issues {
		if i.Code == "PHONE_AREA_MISSING" && asked.Options.DefaultAreaCode == "" {
			area := i.Detail
			if area == "" {
				area = "51"
			}
			root.FootComment = comment(w.Say("mapping_area", "count", i.Count), "  options: {default_area_code: "+strconv.Quote(area)+"}")
		}
	}
	out, err := yaml.Marshal(&root)
	if err != nil {
		return nil, fmt.Errorf("write mapping: %w", err)
	}
	if _, err := schemas.ParseMapping(out); err != nil {
		return nil, fmt.Errorf("write mapping: %w", err)
	}
	return out, nil
}

func quotedNode(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value, Style: yaml.DoubleQuotedStyle}
}

// comment makes lines of a comment.
func comment(lines ...string) string {
	for i, l := range lines {
		lines[i] = strings.TrimRight("# "+terminal.Plain(l), " ")
	}
	return strings.Join(lines, "\n")
}

// targetNode is what a column feeds, with the reason beside it. What a mapping
// said of it stays whole.
func targetNode(w terminal.Words, c previewColumn, asked map[string]schemas.ColumnTarget) *yaml.Node {
	field := c.Field
	if field == "" {
		field = schemas.FieldIgnore
	}
	notes := []string{c.Reason + " " + w.Decimal(c.Confidence, 2)}
	if isProposal(c) {
		notes = append(notes, w.Say("mapping_take", "field", *c.Proposed))
	}
	if len(c.Content) > 0 && c.Content[0].Share >= mostCells {
		notes = append(notes, w.Say("preview_content", "share", strconv.Itoa(int(100*c.Content[0].Share)), "kind", c.Content[0].Kind))
	}
	if e := c.TypeEvidence; e != nil && e.Decided {
		notes = append(notes, w.Say("preview_format", "format", e.Format))
	}
	if hasType(c) {
		notes = append(notes, "{field: "+field+", type: "+c.SuggestedType+"}")
	}
	if c.FillRate == 0 {
		notes = append(notes, w.Say("preview_empty"))
	}
	node := &yaml.Node{Kind: yaml.ScalarNode, Value: field}
	if c.Reason == "mapping" {
		node = targetMap(field, askedTarget(c.Name, asked))
	}
	node.LineComment = comment(strings.Join(notes, "; "))
	return node
}

// askedTarget finds what a mapping says of a column: by its header as it stands,
// else when accents, case and punctuation do not count.
func askedTarget(header string, asked map[string]schemas.ColumnTarget) schemas.ColumnTarget {
	if target, ok := asked[header]; ok {
		return target
	}
	for _, name := range slices.Sorted(maps.Keys(asked)) {
		if schemas.FoldHeader(name) == schemas.FoldHeader(header) {
			return asked[name]
		}
	}
	return schemas.ColumnTarget{}
}

// putAsked writes everything else that the flags and the mapping said.
func putAsked(put func(string, *yaml.Node), m schemas.Mapping) error {
	for _, part := range []struct {
		key   string
		value any
		given bool
	}{
		{"set", m.Set, len(m.Set) > 0}, {"list", m.List, m.List != ""}, {"tags", m.Tags, len(m.Tags) > 0},
		{"mode", m.Mode, m.Mode != ""}, {"options", m.Options, m.Options != schemas.Options{}},
	} {
		if !part.given {
			continue
		}
		// The keys are those of JSON, which leaves out what is not set, and JSON
		// is YAML.
		text, err := json.Marshal(part.value)
		if err != nil {
			return fmt.Errorf("write mapping: %w", err)
		}
		var doc yaml.Node
		if err := yaml.Unmarshal(text, &doc); err != nil {
			return fmt.Errorf("write mapping: %w", err)
		}
		put(part.key, doc.Content[0])
	}
	return nil
}

// targetMap writes a target with all that a mapping said of it.
func targetMap(field string, t schemas.ColumnTarget) *yaml.Node {
	if t.Type == "" && t.Format == "" && t.System == "" && len(t.Values) == 0 {
		return &yaml.Node{Kind: yaml.ScalarNode, Value: field}
	}
	node := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
	add := func(key, value string) {
		if value != "" {
			node.Content = append(node.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, quotedNode(value))
		}
	}
	add("field", field)
	add("type", t.Type)
	add("format", t.Format)
	add("system", t.System)
	if len(t.Values) > 0 {
		values := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
		for _, from := range slices.Sorted(maps.Keys(t.Values)) {
			values.Content = append(values.Content, quotedNode(from), quotedNode(t.Values[from]))
		}
		node.Content = append(node.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: "values"}, values)
	}
	return node
}
