package schemas

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// MaxMapping is the largest mapping file or manifest that is read, in bytes.
const MaxMapping = 1 << 20

// mappingFile is the mapping file as it is written.
type mappingFile struct {
	Columns map[string]ColumnTarget `yaml:"columns"`
	Rest    string                  `yaml:"rest"`
	Set     map[string]string       `yaml:"set"`
	List    string                  `yaml:"list"`
	Tags    []string                `yaml:"tags"`
	Mode    Mode                    `yaml:"mode"`
	Options Options                 `yaml:"options"`
}

// ParseMapping reads a mapping file or manifest (CONTRACT "Mapping file and
// manifest"). Unknown keys, fields, types and values are errors that name them;
// the texts quote the file, so they belong to its author and in no log. An empty
// file is the zero Mapping.
func ParseMapping(data []byte) (Mapping, error) {
	if len(data) > MaxMapping {
		return Mapping{}, fmt.Errorf("mapping: larger than %d bytes", MaxMapping)
	}
	var f mappingFile
	d := yaml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	d.KnownFields(true)
	if err := d.Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return Mapping{}, fmt.Errorf("mapping: %w", err)
	}
	m := Mapping(f)
	return m, m.validate()
}

// UnmarshalYAML reads a target written as a field's name or as a map.
func (c *ColumnTarget) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		c.Field = node.Value
		return nil
	}
	// Decode of a node forgets KnownFields.
	if node.Kind == yaml.MappingNode {
		for i := 0; i < len(node.Content); i += 2 {
			if k := node.Content[i]; !slices.Contains([]string{"field", "type", "format", "system", "values"}, k.Value) {
				return fmt.Errorf("line %d: a column has no %q, only field, type, format, system and values", k.Line, k.Value)
			}
		}
	}
	type plain ColumnTarget
	return node.Decode((*plain)(c))
}

// FieldIgnore is the target of a column that is left out.
const FieldIgnore = "ignore"

var extraName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

func (m Mapping) validate() error {
	for _, name := range slices.Sorted(maps.Keys(m.Columns)) {
		c := m.Columns[name]
		if c.Field == FieldIgnore {
			continue
		}
		if err := checkField(c.Field); err != nil {
			return fmt.Errorf("mapping: column %q: %w", name, err)
		}
		if err := oneOf("type", c.Type, string(TypeText), string(TypeNumber), string(TypeDate), string(TypeBoolean)); err != nil {
			return fmt.Errorf("mapping: column %q: %w", name, err)
		}
	}
	for _, field := range slices.Sorted(maps.Keys(m.Set)) {
		if err := checkField(field); err != nil {
			return fmt.Errorf("mapping: set: %w", err)
		}
	}
	o := m.Options
	if err := errors.Join(
		oneOf("rest", m.Rest, "auto", "extra", "ignore"),
		oneOf("mode", string(m.Mode), string(ModeUpsert), string(ModeInsert), string(ModeUpdate)),
		oneOf("blank", o.Blank, "keep", "clear"),
		oneOf("survivorship", o.Survivorship, "source_rank", "incoming_wins", "existing_wins", "fill_only"),
		oneOf("validation", o.Validation, "lenient", "strict"),
		oneOf("multiple", o.Multiple, "split", "reject"),
		oneOf("on_error", o.OnError, "reject_row", "keep"),
		oneOf("header", o.Header, "yes", "no"),
	); err != nil {
		return fmt.Errorf("mapping: %w", err)
	}
	if o.HeaderLine < 0 {
		return errors.New("mapping: header_line counts from 1")
	}
	if strings.ContainsFunc(o.DefaultAreaCode, func(r rune) bool { return r < '0' || r > '9' }) {
		return errors.New("mapping: default_area_code has digits only")
	}
	return nil
}

func checkField(name string) error {
	if extra, ok := IsExtra(name); ok {
		if !extraName.MatchString(extra) {
			return fmt.Errorf("an extra field is named extra.<lower-case letters, digits and _>, not %q", name)
		}
		return nil
	}
	if _, ok := FieldByName(name); !ok {
		return fmt.Errorf("there is no field %q; your own begin with %s", name, ExtraPrefix)
	}
	return nil
}

func oneOf(key, value string, allowed ...string) error {
	if value == "" || slices.Contains(allowed, value) {
		return nil
	}
	return fmt.Errorf("%s is one of %s, not %q", key, strings.Join(allowed, ", "), value)
}

// Override returns m with everything that over says; columns, set and options
// are taken one by one. An option cannot be switched off by over.
func (m Mapping) Override(over Mapping) Mapping {
	m.Columns = overlay(m.Columns, over.Columns)
	m.Set = overlay(m.Set, over.Set)
	replace(&m.Rest, over.Rest)
	replace(&m.List, over.List)
	replace(&m.Mode, over.Mode)
	if len(over.Tags) > 0 {
		m.Tags = over.Tags
	}
	o, v := &m.Options, over.Options
	replace(&o.DefaultAreaCode, v.DefaultAreaCode)
	replace(&o.Blank, v.Blank)
	replace(&o.Survivorship, v.Survivorship)
	replace(&o.Validation, v.Validation)
	replace(&o.Multiple, v.Multiple)
	replace(&o.OnError, v.OnError)
	replace(&o.Quote, v.Quote)
	replace(&o.Escape, v.Escape)
	replace(&o.Comment, v.Comment)
	replace(&o.Header, v.Header)
	if v.HeaderLine > 0 {
		o.HeaderLine = v.HeaderLine
	}
	replace(&o.Delimiter, v.Delimiter)
	replace(&o.Encoding, v.Encoding)
	replace(&o.Sheet, v.Sheet)
	o.StrictFormats = o.StrictFormats || v.StrictFormats
	o.FirstColumnIdentifies = o.FirstColumnIdentifies || v.FirstColumnIdentifies
	o.PlanOnly = o.PlanOnly || v.PlanOnly
	return m
}

func replace[T ~string](dst *T, v T) {
	if v != "" {
		*dst = v
	}
}

func overlay[V any](base, over map[string]V) map[string]V {
	if len(over) == 0 {
		return base
	}
	out := maps.Clone(base)
	if out == nil {
		out = map[string]V{}
	}
	maps.Copy(out, over)
	return out
}

// MetadataPrefix starts the names of object metadata that speak to the import:
// x-amz-meta-bateia-list, -tags (separated by commas), -mode, -rest,
// -set-<field> and -<option>, with - for _.
const MetadataPrefix = "bateia-"

// MappingFromMetadata reads what an object's metadata says, names without
// x-amz-meta- and in lower case. Errors as for ParseMapping.
func MappingFromMetadata(metadata map[string]string) (Mapping, error) {
	var doc, set, options yaml.Node
	for _, n := range []*yaml.Node{&doc, &set, &options} {
		n.Kind = yaml.MappingNode
	}
	for _, name := range slices.Sorted(maps.Keys(metadata)) {
		key, ok := strings.CutPrefix(name, MetadataPrefix)
		if !ok {
			continue
		}
		value := &yaml.Node{Kind: yaml.ScalarNode, Value: metadata[name]}
		field, isSet := strings.CutPrefix(key, "set-")
		key = strings.ReplaceAll(key, "-", "_")
		switch {
		case isSet:
			put(&set, strings.ReplaceAll(field, "-", "_"), value)
		case key == "tags":
			tags := &yaml.Node{Kind: yaml.SequenceNode}
			for tag := range strings.SplitSeq(metadata[name], ",") {
				if tag = strings.TrimSpace(tag); tag != "" {
					tags.Content = append(tags.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: tag})
				}
			}
			put(&doc, key, tags)
		case key == "list", key == "mode", key == "rest":
			put(&doc, key, value)
		default:
			put(&options, key, value)
		}
	}
	if len(set.Content) > 0 {
		put(&doc, "set", &set)
	}
	put(&doc, "options", &options)
	text, err := yaml.Marshal(&doc)
	if err != nil {
		return Mapping{}, fmt.Errorf("mapping: %w", err)
	}
	return ParseMapping(text)
}

func put(doc *yaml.Node, key string, value *yaml.Node) {
	doc.Content = append(doc.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, value)
}
