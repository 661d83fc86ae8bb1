package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/pipeline/postgres/postgrestest"
	"github.com/bateia/bateia/schemas"
)

func TestQuestionsAreCompleteAndRun(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, "migrated", func(ctx context.Context, adminURL string) error {
		return postgres.Migrate(ctx, adminURL, postgres.MigrateOptions{})
	})
	url, giveBack, err := postgres.BorrowAnalyst(t.Context(), db.URL(""), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := giveBack(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	r, err := postgres.OpenReader(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close(context.Background())
	questions, err := readQuestions()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("questions/*.sql")
	if err != nil || len(files) != len(questions) || len(files) < 9 {
		t.Fatalf("%d questions in %d files, %v", len(questions), len(files), err)
	}
	for i, q := range questions {
		if want := strings.TrimSuffix(filepath.Base(files[i]), ".sql"); q.Name != want {
			t.Errorf("the question in %s is called %q", files[i], q.Name)
		}
		for _, locale := range schemas.Locales {
			if q.Titles[locale] == "" {
				t.Errorf("%s has no title in %s", q.Name, locale)
			}
		}
		if len(q.Titles) != len(schemas.Locales) || q.Answers == "" {
			t.Errorf("%s: titles %v, answers %q", q.Name, q.Titles, q.Answers)
		}
		if q.Program != (q.SQL == "") {
			t.Errorf("%s: worked out by the program %v, statement %q", q.Name, q.Program, q.SQL)
		}
		if q.Program {
			continue
		}
		query := postgres.Query{SQL: q.SQL, Timeout: 20 * time.Second}
		if q.Import {
			query.Args = []any{"00000000000000"}
		}
		columns := 0
		err := r.Read(t.Context(), query, func(list []postgres.Column) error { columns = len(list); return nil },
			func([]postgres.Cell) (bool, error) { return true, nil })
		if err != nil || columns < 2 {
			t.Errorf("%s: %d columns, %v", q.Name, columns, err)
		}
	}
}

func TestQuestionHeadersThatAreWrong(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"-- nothing\nselect 1", "-- colour: red\nselect 1", "-- import: maybe\nselect 1"} {
		if q, err := parseQuestion(text); err == nil {
			t.Errorf("%q was taken: %+v", text, q)
		}
	}
}
