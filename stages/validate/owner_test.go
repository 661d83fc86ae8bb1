package validate

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/schemas"
)

func TestOwners(t *testing.T) {
	t.Parallel()
	teams := []schemas.Distribution{{Name: "Equipe Sul", Members: []string{"Ana Lima", "Bia"}}, {Name: "vazia"}}
	tests := []struct {
		name  string
		from  *Owners
		text  string
		want  string
		known bool
	}{
		{"without an account anything goes", nil, "distribution:Norte", "distribution:Norte", true},
		{"nobody is named: anybody", &Owners{}, "Caio", "Caio", true},
		{"in the spelling of the account", &Owners{Names: []string{"João Alves"}}, "joão  ALVES", "João Alves", true},
		{"without accents", &Owners{Names: []string{"João Alves"}}, "JOAO ALVES", "João Alves", true},
		{"without accents it may be either", &Owners{Names: []string{"Jose", "José"}}, "Josè", "Josè", false},
		{"the one that is written so", &Owners{Names: []string{"Jose", "José"}}, "josé", "José", true},
		{"a text of marks is nobody's", &Owners{Names: []string{"***"}}, "---", "---", false},
		{"a member of a distribution", &Owners{Names: []string{"João"}, Distributions: teams}, "ana lima", "Ana Lima", true},
		{"a member, though anybody may", &Owners{Distributions: teams}, "bia", "Bia", true},
		{"unknown keeps the text", &Owners{Names: []string{"João"}}, "Caio", "Caio", false},
		{"unknown with a fallback", &Owners{Names: []string{"João"}, Fallback: "joão"}, "Caio", "João", false},
		{"a fallback that is no owner himself", &Owners{Names: []string{"João"}, Fallback: "Gerente"}, "Caio", "Gerente", false},
		{"a fallback that draws", &Owners{Names: []string{"João"}, Distributions: teams, Fallback: "distribution:equipe sul"}, "Caio", "distribution:Equipe Sul", false},
		{"a fallback that cannot draw keeps the text", &Owners{Names: []string{"João"}, Fallback: "distribution:Norte"}, "Caio", "Caio", false},
		{"a distribution in other letters", &Owners{Distributions: teams}, "Distribution: equipe  SUL", "distribution:Equipe Sul", true},
		{"the name of a distribution alone", &Owners{Distributions: teams}, "equipe sul", "distribution:Equipe Sul", true},
		{"a person goes before a distribution of his name", &Owners{Names: []string{"Equipe Sul"}, Distributions: teams}, "equipe sul", "Equipe Sul", true},
		{"an unknown distribution owns nothing", &Owners{Distributions: teams}, "distribution:Norte", "", false},
		{"one without members neither", &Owners{Distributions: teams}, "distribution:vazia", "", false},
		{"an unknown distribution with a fallback", &Owners{Fallback: "ana"}, "distribution:Norte", "ana", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := newOwners(tt.from)
			if got, known := o.read(tt.text); got != tt.want || known != tt.known {
				t.Errorf("read(%q) = %q, %v, want %q, %v", tt.text, got, known, tt.want, tt.known)
			}
		})
	}
}

func TestOwnerCells(t *testing.T) {
	t.Parallel()
	cfg := Config{Country: "BR", Now: testNow, Owners: &Owners{Names: []string{"Ana"}, Fallback: "Bia"}}
	records := [][]string{{"51999991234", "ana"}, {"51999991235", "Zoe"}, {"51999991236", ""}, {"51999991237", "n/a"}}
	var got [][]string
	_, _, err := ReadAll([]string{"fone", "responsável"}, schemas.Mapping{}, true, cfg, records, func(_ int, row Row) {
		line := []string{string(row.Status), row.Fields["owner"]}
		for _, i := range row.Issues {
			line = append(line, string(i.Severity)+" "+i.Code+" "+i.Field+" "+i.Value)
		}
		got = append(got, line)
	})
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"", "Ana"}, {"", "Bia", "warning OWNER_UNKNOWN owner Zoe"}, {"", ""}, {"", ""}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows mismatch (-want +got):\n%s", diff)
	}
}

// An owner that is nobody's feeds no field: a file that clears blanks takes no owner away.
func TestOwnerOfNobodyFeedsNothing(t *testing.T) {
	t.Parallel()
	for owner, want := range map[string][]string{"distribution:Norte": {"phone", "city"}, "Zoe": {"phone", "city", "owner"}} {
		m := schemas.Mapping{Set: map[string]string{"owner": owner}, Options: schemas.Options{Blank: "clear"}}
		plan, _, err := MakePlan([]string{"telefone", "cidade"}, nil, m, false)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, New(plan, Config{Country: "BR", Owners: &Owners{}, Options: m.Options}).Fields()); diff != "" {
			t.Errorf("%s: fields mismatch (-want +got):\n%s", owner, diff)
		}
	}
}

// TestOwnerOfEveryRow: an owner that the import sets is warned of once, for the
// file.
func TestOwnerOfEveryRow(t *testing.T) {
	t.Parallel()
	for owner, want := range map[string][]schemas.FileIssue{
		"ana":                nil,
		"Zoe":                {{Code: codeOwnerUnknown, Severity: schemas.SeverityWarning, Detail: "Zoe"}},
		"distribution:Norte": {{Code: codeOwnerUnknown, Severity: schemas.SeverityWarning, Detail: "distribution:Norte"}},
	} {
		m := schemas.Mapping{Set: map[string]string{"owner": owner}}
		plan, _, err := MakePlan([]string{"fone"}, nil, m, true)
		if err != nil {
			t.Fatal(err)
		}
		v := New(plan, Config{Owners: &Owners{Names: []string{"Ana"}}})
		if diff := cmp.Diff(want, v.warnings); diff != "" {
			t.Errorf("%s: warnings mismatch (-want +got):\n%s", owner, diff)
		}
	}
}
