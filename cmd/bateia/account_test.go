package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/schemas"
)

func TestSettingsFromFlags(t *testing.T) {
	t.Parallel()
	blank, name := "", " distribution:Sul "
	before := schemas.Settings{Owners: []string{"Ana"}, OwnerFallback: "Bia", MaxNames: 5, SourceRanks: map[string]int{"api": 3}}
	tests := []struct {
		name  string
		flags accountFlags
		want  schemas.Settings
	}{
		{"nothing changes nothing", accountFlags{}, before},
		{"all", accountFlags{Owner: []string{"Caio", "Davi"}, OwnerFallback: &name, MaxNames: -1, SourceRank: []string{"upload=2", "omie=9"}},
			schemas.Settings{Owners: []string{"Caio", "Davi"}, OwnerFallback: "distribution:Sul", MaxNames: -1, SourceRanks: map[string]int{"upload": 2, "omie": 9}}},
		{"blank ones bring the defaults back", accountFlags{Owner: []string{""}, OwnerFallback: &blank, SourceRank: []string{""}},
			schemas.Settings{Owners: []string{}, MaxNames: 5}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := before
			if err := tt.flags.applySettings(&got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("settings mismatch (-want +got):\n%s", diff)
			}
		})
	}
	for _, bad := range []accountFlags{{MaxNames: -2}, {MaxNames: 6}, {SourceRank: []string{"fax=1"}}, {SourceRank: []string{"omie"}}, {SourceRank: []string{"omie=0"}}, {SourceRank: []string{"omie=10"}}} {
		if err := bad.applySettings(&schemas.Settings{}); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
}
