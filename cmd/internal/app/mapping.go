package app

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/bateia/bateia/schemas"
)

// FlagMapping builds a mapping from the flags --map COLUMN=FIELD, --set
// FIELD=VALUE, --option KEY=VALUE and --mode, checked as a mapping file is.
func FlagMapping(columns, set, options []string, mode string) (schemas.Mapping, error) {
	doc := map[string]any{}
	for _, flag := range []struct {
		name, key string
		pairs     []string
		last      bool // the last = divides: a header may hold one
	}{
		{"map", "columns", columns, true}, {"set", "set", set, false},
	} {
		values := map[string]string{}
		for _, pair := range flag.pairs {
			name, value, err := divide(flag.name, pair, flag.last)
			if err != nil {
				return schemas.Mapping{}, err
			}
			values[name] = value
		}
		if len(values) > 0 {
			doc[flag.key] = values
		}
	}
	if len(options) > 0 {
		values := map[string]*yaml.Node{}
		for _, pair := range options {
			name, value, err := divide("option", pair, false)
			if err != nil {
				return schemas.Mapping{}, err
			}
			// Without a tag true is a boolean and 51 a text, as the option wants it.
			values[name] = &yaml.Node{Kind: yaml.ScalarNode, Value: value}
		}
		doc["options"] = values
	}
	if mode != "" {
		doc["mode"] = mode
	}
	text, err := yaml.Marshal(doc)
	if err != nil {
		return schemas.Mapping{}, fmt.Errorf("mapping: %w", err)
	}
	return schemas.ParseMapping(text)
}

func divide(flag, pair string, last bool) (name, value string, err error) {
	i := strings.Index(pair, "=")
	if last {
		i = strings.LastIndex(pair, "=")
	}
	if i <= 0 {
		return "", "", fmt.Errorf("--%s %q: a name, = and a value", flag, pair)
	}
	name, value = strings.TrimSpace(pair[:i]), strings.TrimSpace(pair[i+1:])
	if name == "" || value == "" {
		return "", "", errors.New("--" + flag + ": name and value may not be blank")
	}
	return name, value, nil
}
