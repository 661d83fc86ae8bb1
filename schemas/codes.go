package schemas

import (
	"cmp"
	"embed"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// Level says what a code speaks of.
type Level string

// Levels of codes.
const (
	LevelFile   Level = "file"   // the file as a whole
	LevelHold   Level = "hold"   // the import waits at ready for a decision
	LevelRow    Level = "row"    // one record
	LevelCell   Level = "cell"   // one cell of a record
	LevelImport Level = "import" // the work on it: a service, a source, the program
)

// Code is one entry of the issue catalogue.
type Code struct {
	Name  string
	Level Level
	// Severity is that of the code by itself. A cell's error counts as a
	// warning when its row is loaded without the cell, and options may raise a
	// warning (multiple: reject, strict_formats).
	Severity Severity
	// Outcome is the outcome of a row for which the code is the reason, "" when
	// it never is one.
	Outcome Outcome
}

// codes is the catalogue in the order in which people read it: file, hold, row
// and cell, source and service.
var codes = []Code{
	{Name: "ACCOUNT_UNKNOWN", Level: LevelFile, Severity: SeverityError},
	{Name: "FILE_NOT_CSV", Level: LevelFile, Severity: SeverityError},
	{Name: "FILE_TOO_LARGE", Level: LevelFile, Severity: SeverityError},
	{Name: "FILE_EMPTY", Level: LevelFile, Severity: SeverityError},
	{Name: "FILE_NO_DATA_ROWS", Level: LevelFile, Severity: SeverityError},
	{Name: "FILE_HEADER_MISSING", Level: LevelFile, Severity: SeverityError},
	{Name: "FILE_HEADER_DUPLICATE", Level: LevelFile, Severity: SeverityError},
	{Name: "FILE_FIRST_COLUMN_NOT_IDENTIFIER", Level: LevelFile, Severity: SeverityError},
	{Name: "FILE_ENCODING_UNKNOWN", Level: LevelFile, Severity: SeverityError},
	{Name: "FILE_TRUNCATED", Level: LevelFile, Severity: SeverityError},
	{Name: "FILE_CHANGED", Level: LevelFile, Severity: SeverityError},
	{Name: "FILE_BOMB", Level: LevelFile, Severity: SeverityError},
	{Name: "SHEET_UNKNOWN", Level: LevelFile, Severity: SeverityError},
	{Name: "SHEETS_NOT_IMPORTED", Level: LevelFile, Severity: SeverityWarning},
	{Name: "CELLS_WITHOUT_VALUE", Level: LevelFile, Severity: SeverityWarning},
	{Name: "MAPPING_NO_IDENTIFIER", Level: LevelFile, Severity: SeverityError},
	{Name: "MAPPING_COLUMN_UNKNOWN", Level: LevelFile, Severity: SeverityError},
	{Name: "MAPPING_INVALID", Level: LevelFile, Severity: SeverityError},
	{Name: "MAPPING_TARGET_TWICE", Level: LevelFile, Severity: SeverityError},
	{Name: "EXPORT_CLEARS", Level: LevelFile, Severity: SeverityError},
	{Name: "MIXED_PHONE_FORMATS", Level: LevelFile, Severity: SeverityWarning},
	{Name: "PHONE_COUNTRY_ASSUMED", Level: LevelFile, Severity: SeverityWarning},
	{Name: "PHONE_AREA_MISSING", Level: LevelFile, Severity: SeverityWarning},
	{Name: "COLUMN_CONTENT_DIFFERS", Level: LevelFile, Severity: SeverityWarning},
	{Name: "COLUMNS_NOT_IMPORTED", Level: LevelFile, Severity: SeverityWarning},
	{Name: "MANIFEST_LATE", Level: LevelFile, Severity: SeverityWarning},
	{Name: "DUPLICATE_IN_FILE", Level: LevelFile, Severity: SeverityWarning},

	{Name: "TOO_MANY_ERRORS", Level: LevelHold, Severity: SeverityWarning},
	{Name: "DRIFT", Level: LevelHold, Severity: SeverityWarning},
	{Name: "HOLD_FIRST", Level: LevelHold, Severity: SeverityWarning},

	{Name: "ROW_TOO_FEW_CELLS", Level: LevelRow, Severity: SeverityError, Outcome: OutcomeRejected},
	{Name: "ROW_TOO_MANY_CELLS", Level: LevelRow, Severity: SeverityError, Outcome: OutcomeRejected},
	{Name: "ROW_REPAIRED", Level: LevelRow, Severity: SeverityWarning},
	{Name: "ROW_UNCLOSED_QUOTE", Level: LevelRow, Severity: SeverityError, Outcome: OutcomeRejected},
	{Name: "ROW_TOO_LONG", Level: LevelRow, Severity: SeverityError, Outcome: OutcomeRejected},
	{Name: "ROW_ENCODING", Level: LevelRow, Severity: SeverityError, Outcome: OutcomeRejected},
	{Name: "IDENTIFIER_MISSING", Level: LevelRow, Severity: SeverityError, Outcome: OutcomeRejected},
	{Name: "IDENTIFIER_MULTIPLE_IN_CELL", Level: LevelCell, Severity: SeverityWarning, Outcome: OutcomeRejected},
	{Name: "PLACEHOLDER_VALUE", Level: LevelCell, Severity: SeverityWarning},
	{Name: "PHONE_MALFORMED", Level: LevelCell, Severity: SeverityError, Outcome: OutcomeRejected},
	{Name: "PHONE_SCIENTIFIC", Level: LevelCell, Severity: SeverityError, Outcome: OutcomeRejected},
	{Name: "PHONE_LOCAL_ONLY", Level: LevelCell, Severity: SeverityError, Outcome: OutcomeRejected},
	{Name: "PHONE_AREA_ASSUMED", Level: LevelCell, Severity: SeverityWarning},
	{Name: "PHONE_COUNTRY_INVALID", Level: LevelCell, Severity: SeverityError, Outcome: OutcomeRejected},
	{Name: "PHONE_TOO_SHORT", Level: LevelCell, Severity: SeverityError, Outcome: OutcomeRejected},
	{Name: "PHONE_TOO_LONG", Level: LevelCell, Severity: SeverityError, Outcome: OutcomeRejected},
	{Name: "PHONE_INVALID", Level: LevelCell, Severity: SeverityError, Outcome: OutcomeRejected},
	{Name: "PHONE_NINTH_DIGIT_ADDED", Level: LevelCell, Severity: SeverityWarning},
	{Name: "EMAIL_INVALID", Level: LevelCell, Severity: SeverityError, Outcome: OutcomeRejected},
	{Name: "EMAIL_TOO_LONG", Level: LevelCell, Severity: SeverityError, Outcome: OutcomeRejected},
	{Name: "EMAIL_SUSPECT_DOMAIN", Level: LevelCell, Severity: SeverityWarning},
	{Name: "DOCUMENT_INVALID", Level: LevelCell, Severity: SeverityError, Outcome: OutcomeRejected},
	{Name: "DOCUMENT_ZEROS_RESTORED", Level: LevelCell, Severity: SeverityWarning},
	{Name: "IDENTIFIER_INVALID", Level: LevelCell, Severity: SeverityError, Outcome: OutcomeRejected},
	{Name: "NUMBER_INVALID", Level: LevelCell, Severity: SeverityError, Outcome: OutcomeRejected},
	{Name: "DATE_INVALID", Level: LevelCell, Severity: SeverityError, Outcome: OutcomeRejected},
	{Name: "BOOLEAN_INVALID", Level: LevelCell, Severity: SeverityError, Outcome: OutcomeRejected},
	{Name: "TEXT_TOO_LONG", Level: LevelCell, Severity: SeverityError, Outcome: OutcomeRejected},
	{Name: "LIFECYCLE_UNKNOWN", Level: LevelCell, Severity: SeverityWarning},
	{Name: "OWNER_UNKNOWN", Level: LevelCell, Severity: SeverityWarning},
	{Name: "EMPTIED_CELL_KEPT", Level: LevelCell, Severity: SeverityWarning},
	{Name: "RECOMMENDED_FIELD_EMPTY", Level: LevelRow, Severity: SeverityWarning},
	{Name: "ID_NOT_FOUND", Level: LevelRow, Severity: SeverityError, Outcome: OutcomeRejected},
	{Name: "ID_DUPLICATE_IN_FILE", Level: LevelRow, Severity: SeverityError, Outcome: OutcomeRejected},
	{Name: "ID_IDENTITY_CONFLICT", Level: LevelRow, Severity: SeverityError, Outcome: OutcomeRejected},
	{Name: "EXPORT_UNKNOWN", Level: LevelRow, Severity: SeverityError, Outcome: OutcomeRejected},
	{Name: "EDIT_CONFLICT", Level: LevelRow, Severity: SeverityError, Outcome: OutcomeConflict},
	{Name: "TARGET_CHANGED", Level: LevelRow, Severity: SeverityError, Outcome: OutcomeConflict},
	{Name: "NO_MATCH", Level: LevelRow, Severity: SeverityWarning, Outcome: OutcomeSkipped},
	{Name: "EXISTS", Level: LevelRow, Severity: SeverityWarning, Outcome: OutcomeSkipped},
	{Name: "SUPPRESSED", Level: LevelRow, Severity: SeverityWarning, Outcome: OutcomeSkipped},
	{Name: "ERASED", Level: LevelRow, Severity: SeverityWarning},
	{Name: "SOURCE_RECORD_SKIPPED", Level: LevelRow, Severity: SeverityWarning, Outcome: OutcomeSkipped},
	{Name: "IDENTITY_SHARED", Level: LevelRow, Severity: SeverityWarning},
	{Name: "MATCH_CONFLICT", Level: LevelRow, Severity: SeverityWarning},
	{Name: "MATCH_COMPONENT_TOO_LARGE", Level: LevelRow, Severity: SeverityWarning},

	{Name: "OMIE_AUTH", Level: LevelImport, Severity: SeverityError},
	{Name: "OMIE_BLOCKED", Level: LevelImport, Severity: SeverityError},
	{Name: "OMIE_INCOMPLETE", Level: LevelImport, Severity: SeverityError},
	{Name: "OMIE_UNEXPECTED", Level: LevelImport, Severity: SeverityError},
	{Name: "OMIE_OTHER_COMPANY", Level: LevelImport, Severity: SeverityError},
	{Name: "UNDO_NOT_APPLIED", Level: LevelImport, Severity: SeverityError},
	{Name: "UNDO_OF_UNDO", Level: LevelImport, Severity: SeverityError},
	{Name: "UNDO_EXPIRED", Level: LevelImport, Severity: SeverityError},
	{Name: "PROSPECT_NOT_FOUND", Level: LevelImport, Severity: SeverityError},
	{Name: "LEAD_NOT_FOUND", Level: LevelImport, Severity: SeverityError},
	{Name: "PROSPECT_NOT_MERGED", Level: LevelImport, Severity: SeverityError},
	{Name: "SPLIT_LEAVES_NOTHING", Level: LevelImport, Severity: SeverityError},
	{Name: "SUPPRESSION_KEY_MISSING", Level: LevelImport, Severity: SeverityError},
	{Name: "POISONED", Level: LevelImport, Severity: SeverityError},
	{Name: "SERVICE_UNAVAILABLE", Level: LevelImport, Severity: SeverityError},
	{Name: "INTERNAL", Level: LevelImport, Severity: SeverityError},
}

// Codes returns the catalogue of issue codes, in reading order.
func Codes() []Code { return slices.Clone(codes) }

var codeIndex = sync.OnceValue(func() map[string]Code {
	m := make(map[string]Code, len(codes))
	for _, c := range codes {
		m[c.Name] = c
	}
	return m
})

// CodeByName returns the catalogue's entry for a code.
func CodeByName(name string) (Code, bool) {
	c, ok := codeIndex()[name]
	return c, ok
}

// Locales lists the languages that sentences and remedies exist in. The first
// answers for every other one.
var Locales = []string{"en", "pt-BR", "es"}

// Locale returns the supported locale that fits best: the same one, one of the
// same language (pt, es-AR), else en.
func Locale(locale string) string {
	language, _, _ := strings.Cut(strings.ReplaceAll(locale, "_", "-"), "-")
	for _, l := range Locales {
		own, _, _ := strings.Cut(l, "-")
		if strings.EqualFold(own, language) {
			return l
		}
	}
	return Locales[0]
}

// Args fills the placeholders of a sentence or remedy. None of them may carry
// a cell's value. A detail that the catalogue knows, such as "pdf" of
// FILE_NOT_CSV, is said in the words of the locale, with a remedy of its own.
type Args struct {
	Count  int64
	Names  []string
	Detail string
}

// Args returns what the issue has to say in its sentence.
func (i FileIssue) Args() Args { return Args{Count: i.Count, Names: i.Names, Detail: i.Detail} }

//go:embed catalogue/codes.*.yaml
var codeFiles embed.FS

type codeText struct {
	Sentence string `yaml:"sentence"`
	Remedy   string `yaml:"remedy"`
	// Details are the details that the program knows by a word of its own, such
	// as the kinds of file that are no CSV.
	Details map[string]codeDetail `yaml:"details"`
}

// codeDetail is a detail in the words of a locale; an own remedy is better than
// that of the code.
type codeDetail struct {
	Text   string `yaml:"text"`
	Remedy string `yaml:"remedy"`
}

// in returns args with the detail in the words of the locale, and the remedy.
func (t codeText) in(locale string, args []Args) (_ []Args, remedy string) {
	if len(args) == 0 {
		return args, t.Remedy
	}
	d, ok := t.Details[args[0].Detail]
	if !ok {
		return args, t.Remedy
	}
	a := args[0]
	a.Detail = fill(d.Text, locale, args)
	return []Args{a}, cmp.Or(d.Remedy, t.Remedy)
}

// codeTexts holds the texts by locale and code. The files are part of the
// program and a test reads all of them: one that cannot be read is a bug.
var codeTexts = sync.OnceValue(func() map[string]map[string]codeText {
	all := make(map[string]map[string]codeText, len(Locales))
	for _, l := range Locales {
		raw, err := codeFiles.ReadFile("catalogue/codes." + l + ".yaml")
		if err != nil {
			panic("read issue catalogue: " + err.Error())
		}
		texts := map[string]codeText{}
		if err := yaml.Unmarshal(raw, &texts); err != nil {
			panic("read issue catalogue: " + err.Error())
		}
		all[l] = texts
	}
	return all
})

// Sentence returns what a code means in one sentence, for somebody who works
// in sales: what was found, never a cell's value. A part of the sentence whose
// placeholder has nothing to say is left out. An unknown code is returned as
// it is, an unknown locale answered in English.
func Sentence(code, locale string, args ...Args) string {
	locale = Locale(locale)
	text, ok := codeTexts()[locale][code]
	if !ok {
		return code
	}
	args, _ = text.in(locale, args)
	return fill(text.Sentence, locale, args)
}

// Remedy returns what to do about a code, in one or two sentences, "" for an
// unknown code. Locales and placeholders are those of Sentence.
func Remedy(code, locale string, args ...Args) string {
	locale = Locale(locale)
	args, remedy := codeTexts()[locale][code].in(locale, args)
	return fill(remedy, locale, args)
}

// fill replaces the placeholders {count}, {count:row|rows} (with the noun that
// fits), {names} and {detail}. A part in [brackets] goes when a placeholder
// inside it has no value, of [this // or that] the second part stays.
func fill(text, locale string, args []Args) string {
	if !strings.ContainsAny(text, "{[") {
		return text
	}
	var a Args
	if len(args) > 0 {
		a = args[0]
	}
	var b strings.Builder
	for text != "" {
		open := strings.IndexByte(text, '[')
		if open < 0 {
			s, _ := placeholders(text, locale, a)
			b.WriteString(s)
			break
		}
		s, _ := placeholders(text[:open], locale, a)
		b.WriteString(s)
		part, rest, _ := strings.Cut(text[open+1:], "]")
		part, instead, _ := strings.Cut(part, " // ")
		if s, whole := placeholders(part, locale, a); whole {
			b.WriteString(s)
		} else {
			b.WriteString(instead)
		}
		text = rest
	}
	return b.String()
}

// placeholders fills text and reports whether every placeholder had a value.
func placeholders(text, locale string, a Args) (s string, whole bool) {
	var b strings.Builder
	whole = true
	for {
		before, after, found := strings.Cut(text, "{")
		b.WriteString(before)
		if !found {
			return b.String(), whole
		}
		name, rest, _ := strings.Cut(after, "}")
		value := a.value(name, locale)
		if value == "" {
			whole = false
		}
		b.WriteString(value)
		text = rest
	}
}

// maxNames is how many column names one sentence lists: what a person still
// reads, and what a message of a wide file still fits.
const maxNames = 20

func (a Args) value(placeholder, locale string) string {
	name, nouns, _ := strings.Cut(placeholder, ":")
	switch name {
	case "names":
		if len(a.Names) > maxNames {
			return strings.Join(a.Names[:maxNames], ", ") + " … (+" + strconv.Itoa(len(a.Names)-maxNames) + ")"
		}
		return strings.Join(a.Names, ", ")
	case "detail":
		return a.Detail
	case "count":
		if a.Count == 0 {
			return ""
		}
		one, many, _ := strings.Cut(nouns, "|")
		switch {
		case nouns == "":
			return groupDigits(a.Count, locale)
		case a.Count == 1:
			return "1 " + one
		}
		return groupDigits(a.Count, locale) + " " + many
	}
	return ""
}

// groupDigits writes 1234567 as 1,234,567 in English, 1.234.567 elsewhere.
func groupDigits(n int64, locale string) string {
	mark := byte('.')
	if locale == "en" {
		mark = ','
	}
	digits := strconv.FormatInt(n, 10)
	out := make([]byte, 0, len(digits)+len(digits)/3)
	for i := range len(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 && digits[i-1] != '-' {
			out = append(out, mark)
		}
		out = append(out, digits[i])
	}
	return string(out)
}

// codesWithText lists the codes that a locale has texts for; the test compares
// it with the catalogue.
func codesWithText(locale string) []string {
	return slices.Sorted(maps.Keys(codeTexts()[locale]))
}
