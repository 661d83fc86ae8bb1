package e2e

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
)

// leadFile describes a file of invented leads as a Brazilian spreadsheet would
// export it. Person n is the same in every file, so files overlap where their
// ranges of people do.
type leadFile struct {
	rows   int
	first  int // number of the first person
	seed   uint64
	repeat float64 // share of rows that repeat an earlier person
	bridge float64 // share of rows with the phone of one person and the e-mail of another
	bad    float64 // share of rows that must be refused
}

// people is a file with everything that is usual in small shares.
func people(rows, first int, seed uint64) leadFile {
	return leadFile{rows: rows, first: first, seed: seed, repeat: 0.15, bridge: 0.02, bad: 0.02}
}

var (
	areas    = []int{11, 19, 21, 27, 31, 41, 47, 51, 61, 71, 81, 85}
	given    = []string{"João", "Ana", "José", "Antônia", "Caio", "Márcia", "Inês", "Paulo", "Zélia", "Lucas", "Íris", "Duda"}
	families = []string{"Silva", "Araújo", "Conceição", "Souza", "Brandão", "Lima", "Prado", "Gonçalves", "Nunes", "Sá"}
	cities   = []string{"São Paulo", "Porto Alegre", "Belém", "Maceió", "Goiânia", "Recife"}
)

// bytes writes the file.
func (f leadFile) bytes() []byte {
	r := rand.New(rand.NewPCG(f.seed, 3))
	var w bytes.Buffer
	w.WriteString("telefone;email;nome;cpf;empresa;cidade;nascimento;observações\n")
	for i := range f.rows {
		n := i
		if i > 0 && r.Float64() < f.repeat {
			n = r.IntN(i)
		}
		p := personOf(f.first + n)
		switch {
		case r.Float64() < f.bad:
			p.phone, p.email, p.cpf = p.phone[:6], "", ""
		case i > 0 && r.Float64() < f.bridge:
			p.email, p.cpf = personOf(f.first+r.IntN(i)).email, ""
		case r.Float64() < 0.1:
			p.phone = "+55 (" + p.phone[2:4] + ") " + p.phone[4:9] + "-" + p.phone[9:]
		case r.Float64() < 0.1:
			p.phone = "" // known by e-mail alone
		case r.Float64() < 0.2:
			p.email = strings.ToUpper(p.email)
		}
		note := ""
		if r.Float64() < 0.05 {
			note = fmt.Sprintf("\"ligou em %02d/05;\nvolta a \"\"ligar\"\"\"", 1+r.IntN(28))
		}
		if r.Float64() < 0.01 {
			w.WriteByte('\n')
		}
		fmt.Fprintf(&w, "%s;%s;%s;%s;%s;%s;%s;%s\n", p.phone, p.email, p.name, p.cpf, p.company, p.city, p.born, note)
	}
	return w.Bytes()
}

// person is somebody who does not exist.
type person struct{ phone, email, name, cpf, company, city, born string }

func personOf(n int) person {
	r := rand.New(rand.NewPCG(uint64(n), 11))
	family := families[r.IntN(len(families))]
	p := person{
		// The number stands in phone and e-mail, so that no two people share one.
		phone: fmt.Sprintf("55%d9%08d", areas[r.IntN(len(areas))], 10_000_000+n),
		email: fmt.Sprintf("pessoa%d@exemplo%d.com.br", n, r.IntN(900)),
		name:  given[r.IntN(len(given))] + " " + family,
		city:  cities[r.IntN(len(cities))],
		born:  fmt.Sprintf("%02d/%02d/%d", 1+r.IntN(28), 1+r.IntN(12), 1950+r.IntN(50)),
	}
	if r.Float64() < 0.3 {
		p.cpf = cpf(100_000_000 + n)
	}
	if r.Float64() < 0.5 {
		p.company = `"Oficina ` + family + `; Filial"`
	}
	return p
}

// cpf adds the two check digits to nine digits.
func cpf(n int) string {
	digits := fmt.Sprintf("%09d", n)
	for len(digits) < 11 {
		sum := 0
		for i, d := range digits {
			sum += int(d-'0') * (len(digits) + 1 - i)
		}
		digits += fmt.Sprint(sum * 10 % 11 % 10)
	}
	return digits
}
