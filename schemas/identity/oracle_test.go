package identity

import (
	"bytes"
	"flag"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

// numbersPerPlan is how many random numbers per plan the fast path is compared on; make fuzz asks for a million.
var numbersPerPlan = flag.Int("numbers", 400, "random numbers per plan compared with the library")

// intended are the readings that differ from libphonenumber's on purpose. A disagreement outside this list fails the
// test.
var intended = []struct {
	name string
	is   func(in spelling) bool
}{
	{"Brazil: ten digits that start like an old mobile gain the ninth", func(in spelling) bool {
		return in.region == "BR" && strings.HasPrefix(in.ours, "+55") && len(in.ours) == 14 && in.ours[5] == '9' &&
			strings.HasSuffix(in.digits, in.ours[6:]) && strings.HasSuffix(in.digits, in.ours[3:5]+in.ours[6:])
	}},
	{"Brazil: every carrier code is dropped, not only those of the metadata", func(in spelling) bool {
		return in.region == "BR" && in.library == "" && len(in.national) >= 13 &&
			(in.national[0] == '0' || in.national[:2] == "90") && strings.HasSuffix(in.national, in.ours[min(3, len(in.ours)):])
	}},
	{"Brazil: 0 before an eight-digit service number", func(in spelling) bool {
		return in.region == "BR" && in.library == "" && in.ours == "+55"+in.national[1:] && in.national[0] == '0'
	}},
	{"Mexico: 1, 01, 044 and 045 fall away", func(in spelling) bool {
		if in.region != "MX" || in.library != "" {
			return false
		}
		for _, prefix := range []string{"1", "01", "044", "045"} {
			if in.national == prefix+in.ours[3:] {
				return true
			}
		}
		return false
	}},
	{"Argentina: 15 behind the area code and 9 or 0 before it in any combination", func(in spelling) bool {
		return in.region == "AR" && strings.HasPrefix(in.ours, "+549") && len(in.national) > 11
	}},
	{"ranges that the metadata lacks", func(in spelling) bool {
		return in.library == "" && (strings.HasPrefix(in.ours, "+34400") || strings.HasPrefix(in.ours, "+3490") || strings.HasPrefix(in.ours, "+35167"))
	}},
	{"a trunk zero is dropped wherever what follows exists, also where the metadata takes the next digits for a carrier", func(in spelling) bool {
		return in.ours != "" && in.library == "" && in.national[0] == '0' && in.ours == "+"+in.code+in.national[1:]
	}},
	{"digits without a plus that no home reading fits start with a calling code", func(in spelling) bool {
		return in.inside && in.library == "" && !strings.HasPrefix(in.ours, "+"+in.code) &&
			in.ours == pathPhone("+"+strings.TrimPrefix(in.digits, "00"), in.region)
	}},
	{"00 is followed by a calling code where that gives a number, before it is by a carrier", func(in spelling) bool {
		return in.region == "BR" && in.inside && in.ours == "+"+strings.TrimPrefix(in.digits, "00")
	}},
	{"only 00 is an exit code, not the rarer ones with a carrier in them", func(in spelling) bool {
		return in.ours == "" && in.inside && (strings.HasPrefix(in.digits, "0") || in.region == "CL" && strings.HasPrefix(in.digits, "12")) &&
			!strings.HasPrefix(in.library, "+"+in.code)
	}},
	{"a number that exists as written is not shortened", func(in spelling) bool {
		return in.ours == "+"+in.code+in.national
	}},
}

// spelling is one number as it was written, with both readings.
type spelling struct {
	region, code  string
	inside        bool   // written without plus
	digits        string // as written, without plus
	national      string // behind the calling code
	ours, library string // E.164, or "" when refused
}

// TestFastPathAgreesWithLibrary compares the tables with the library on numbers that walk along the plan, whole and
// damaged, written with a calling code and, from inside the country, with and without a trunk zero.
func TestFastPathAgreesWithLibrary(t *testing.T) {
	t.Parallel()
	for i := range plans {
		p := &plans[i]
		t.Run(p.region, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(uint64(i), 1))
			agreed, on, by := 0, 0, map[string]int{}
			for range *numbersPerPlan {
				national := damage(r, walk(r, p))
				if r.IntN(6) == 0 {
					national = []string{"0", "01", "044", "045", "1", "015", "9", "90", "0031"}[r.IntN(9)] + national
				}
				in := spelling{region: p.region, code: p.code, national: national, digits: p.code + national}
				text := "+" + in.digits
				if r.IntN(3) == 0 { // from inside the country
					in.digits, text, in.inside = national, national, true
				}
				in.ours = pathPhone(text, p.region)
				in.library = libraryPhone(text, p.region)
				if in.ours == in.library {
					agreed++
					if in.ours != "" {
						on++
					}
					continue
				}
				if name := reason(in, text); name != "" {
					by[name]++
					continue
				}
				t.Errorf("%s in %s: ours %q, library %q", text, p.region, in.ours, in.library)
			}
			t.Logf("agreed on %d, %d of them numbers; intended: %v", agreed, on, by)
		})
	}
}

func reason(in spelling, text string) string {
	for _, d := range intended {
		if d.is(in) {
			return d.name
		}
	}
	return ""
}

func pathPhone(text, region string) string {
	v, _ := ParsePhone(text, Options{Country: region})
	return v.Canonical
}

func libraryPhone(text, region string) string {
	n, err := phonenumbers.Parse(text, region)
	if err != nil || !phonenumbers.IsValidNumber(n) {
		return ""
	}
	return phonenumbers.Format(n, phonenumbers.E164)
}

// TestPlansTellTheTypeOfTheLibrary compares region and line type of numbers that the tables have.
func TestPlansTellTheTypeOfTheLibrary(t *testing.T) {
	t.Parallel()
	for i := range plans {
		p := &plans[i]
		r := rand.New(rand.NewPCG(uint64(i), 2))
		for range 200 {
			var n number
			national := walk(r, p)
			if !n.try(p, []byte(national)) {
				continue
			}
			parsed, err := phonenumbers.Parse("+"+p.code+national, "ZZ")
			if err != nil || !phonenumbers.IsValidNumber(parsed) || phonenumbers.GetNationalSignificantNumber(parsed) != national {
				continue // TestFastPathAgreesWithLibrary judges these
			}
			if region := phonenumbers.GetRegionCodeForNumber(parsed); n.region != region {
				t.Errorf("+%s %s: region %s, the library says %s", p.code, national, n.region, region)
			}
			if line := libraryLine(phonenumbers.GetNumberType(parsed)); n.line != line {
				t.Errorf("+%s %s: line type %d, the library says %d", p.code, national, n.line, line)
			}
		}
	}
}

// TestPlansAreCurrent runs the generator and compares: a new version of the library must come with its tables.
func TestPlansAreCurrent(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("compiles the generator")
	}
	fresh := filepath.Join(t.TempDir(), "plans_gen.go")
	if out, err := exec.CommandContext(t.Context(), "go", "run", "./gen", "-o", fresh).CombinedOutput(); err != nil {
		t.Fatalf("run the generator: %v\n%s", err, out)
	}
	want, err := os.ReadFile(fresh)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("plans_gen.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("plans_gen.go is not what the metadata gives: run go generate ./schemas/identity")
	}
}

// walk makes a national number along the states of a plan, so that a good part exist.
func walk(r *rand.Rand, p *plan) string {
	var b []byte
	s := p.root
	for len(b) < 15 {
		if planAccept[s] != 0 && r.IntN(3) > 0 {
			return string(b)
		}
		var open []byte
		for digit, next := range planNext[s] {
			if next != 0 {
				open = append(open, byte(digit))
			}
		}
		if len(open) == 0 {
			return string(b)
		}
		digit := open[r.IntN(len(open))]
		b = append(b, '0'+digit)
		s = planNext[s][digit]
	}
	return string(b)
}

// damage leaves half of the numbers whole and changes, drops or adds a digit in the others.
func damage(r *rand.Rand, s string) string {
	b := []byte(s)
	at := r.IntN(len(b))
	digit := byte('0' + r.IntN(10))
	switch r.IntN(8) {
	case 0, 1:
		b[at] = digit
	case 2:
		b = append(b[:at], b[at+1:]...)
	case 3:
		b = append(b[:at], append([]byte{digit}, b[at:]...)...)
	}
	if len(b) == 0 {
		return "0"
	}
	return string(b)
}
