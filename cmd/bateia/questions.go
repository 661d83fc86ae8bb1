package main

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/bateia/bateia/schemas"
)

// Ready questions, one a file: a header of "-- key: value" lines, then one
// statement over the views. Keys: name (that of the file), title.<locale> in the
// three languages, answers (what its rows are), import: yes when $1 is the id of an
// import, and program: yes when the program works the answer out; what follows the
// header is a comment then.
//
//go:embed questions/*.sql
var questionFiles embed.FS

// duckMark is the line behind which a question stands for DuckDB, where it cannot
// be the same.
const duckMark = "\n-- duckdb:\n"

// question is a ready question.
type question struct {
	Name    string
	Titles  map[string]string // by locale
	Answers string
	Import  bool // it is about one import, its parameter
	Program bool // no statement answers it
	SQL     string
	DuckSQL string // over the datasets, "" when it is the same
}

// questionDocument is a question as JSON.
type questionDocument struct {
	Name    string `json:"name"`
	Title   string `json:"title"`
	Answers string `json:"answers"`
	Import  bool   `json:"import"`
	SQL     string `json:"sql"`
}

// readQuestions returns the ready questions by name.
func readQuestions() ([]question, error) {
	names, err := fs.Glob(questionFiles, "questions/*.sql")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var out []question
	for _, name := range names {
		text, err := questionFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		q, err := parseQuestion(string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, q)
	}
	return out, nil
}

func parseQuestion(text string) (question, error) {
	q := question{Titles: map[string]string{}}
	for {
		line, rest, _ := strings.Cut(text, "\n")
		comment, ok := strings.CutPrefix(line, "-- ")
		if !ok {
			break
		}
		text = rest
		key, value, ok := strings.Cut(comment, ": ")
		if !ok {
			return q, fmt.Errorf("header %q is no “key: value”", comment)
		}
		locale, isTitle := strings.CutPrefix(key, "title.")
		switch {
		case isTitle:
			q.Titles[locale] = value
		case key == "name":
			q.Name = value
		case key == "answers":
			q.Answers = value
		case key == "import" && value == "yes":
			q.Import = true
		case key == "program" && value == "yes":
			q.Program = true
		default:
			return q, fmt.Errorf("header %q is not known", comment)
		}
	}
	if q.Program {
		return q, nil
	}
	ours, theirs, _ := strings.Cut(text, duckMark)
	q.SQL, q.DuckSQL = strings.TrimSpace(ours), strings.TrimSpace(theirs)
	return q, nil
}

// questionByName finds a question, or says which ones there are.
func questionByName(questions []question, name string) (question, error) {
	names := make([]string, len(questions))
	for i, q := range questions {
		if q.Name == name {
			return q, nil
		}
		names[i] = q.Name
	}
	return question{}, usage(fmt.Errorf("there is no question %q, but: %s", name, strings.Join(names, ", ")))
}

func (s *session) listQuestions(questions []question) error {
	rows := make([][]string, len(questions))
	for i, q := range questions {
		title := q.Titles[schemas.Locale(s.words.Locale)]
		if s.out.JSON {
			if err := s.out.Document(questionDocument{q.Name, title, q.Answers, q.Import, q.SQL}); err != nil {
				return err
			}
		}
		name := q.Name
		if q.Import {
			name += " [IMPORT]"
		}
		rows[i] = []string{name, title}
	}
	if !s.out.JSON {
		s.out.Table([]string{"", ""}, rows)
	}
	return nil
}
