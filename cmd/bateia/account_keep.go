package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/bateia/bateia/schemas"
)

// forever ends a limit on how long something is kept.
const forever = "forever"

// applyPrivacy puts what erasures and the purge go by into settings.
func (f accountFlags) applyPrivacy(set *schemas.Settings) error {
	switch f.EraseUploads {
	case "":
	case schemas.EraseRedact, schemas.EraseDelete:
		set.EraseUploads = f.EraseUploads
	default:
		return usage(fmt.Errorf("--erase-uploads %q: redact or delete", f.EraseUploads))
	}
	return keepFor(set, f.Keep)
}

// keepFor reads limits such as issues=180d; what is not named stays as it is.
func keepFor(set *schemas.Settings, pairs []string) error {
	keep := maps.Clone(set.Keep)
	for _, p := range filledIn(pairs) {
		part, text, _ := strings.Cut(strings.TrimSpace(p), "=")
		if !slices.Contains(schemas.KeepParts, part) {
			return usage(fmt.Errorf("--keep %q: %s, = and a span such as 90d or 2y", p, strings.Join(schemas.KeepParts, ", ")))
		}
		if text == forever {
			delete(keep, part)
			continue
		}
		days, ok := daysOf(text)
		if !ok {
			return usage(fmt.Errorf("--keep %q: a span of days or years such as 90d or 2y, or forever", p))
		}
		if keep == nil {
			keep = map[string]int{}
		}
		keep[part] = days
	}
	if len(keep) == 0 {
		keep = nil
	}
	set.Keep = keep
	return nil
}

// daysOf reads a span of at least a day.
func daysOf(text string) (int, bool) {
	scale := 1
	number, ok := strings.CutSuffix(text, "d")
	if !ok {
		if number, ok = strings.CutSuffix(text, "y"); ok {
			scale = 365
		}
	}
	n, err := strconv.Atoi(number)
	return n * scale, ok && err == nil && n > 0 && n < 40_000
}

// keptText lists how long what is kept.
func keptText(a schemas.Account) string {
	var out []string
	for _, part := range schemas.KeepParts {
		days, some := a.Settings.Keep[part]
		switch {
		case some:
			out = append(out, fmt.Sprintf("%s=%dd", part, days))
		case part == schemas.KeepPlans:
			out = append(out, fmt.Sprintf("%s=%dd", part, schemas.DefaultKeepPlans))
		default:
			out = append(out, part+"="+forever)
		}
	}
	return strings.Join(out, " ")
}
