package identity

import (
	"testing"

	"github.com/nyaruka/phonenumbers"
)

var benchPhones = []struct {
	name, country string
	texts         []string
}{
	{"BR-mobile-digits", "BR", []string{"51987651234"}},
	{"BR-mobile-code", "BR", []string{"5551987651234"}},
	{"BR-mobile-brackets", "BR", []string{"+55 (51) 98765-1234"}},
	{"BR-mobile-trunk", "BR", []string{"0 15 51 98765-1234"}},
	{"BR-mobile-old", "BR", []string{"(51) 8765-1234"}},
	{"BR-mobile-mixed", "BR", []string{"51987651234", "5551987651234", "+55 (51) 98765-1234", "(51) 98765-1234", "51 98765-1234", "051987651234"}},
	{"BR-landline", "BR", []string{"(51) 3333-1234"}},
	{"BR-short", "BR", []string{"51-9999"}},
	{"AR", "AR", []string{"011 15-2345-6789"}},
	{"MX", "MX", []string{"044 55 1234 5678"}},
	{"CL", "CL", []string{"+56 9 6123 4567"}},
	{"CO", "CO", []string{"300 123 4567"}},
	{"PE", "PE", []string{"987 654 321"}},
	{"abroad-AR-from-BR", "BR", []string{"+54 9 11 2345-6789"}},
	{"abroad-GB-from-BR", "BR", []string{"+44 7911 123456"}},
	{"text-ramal", "BR", []string{"(51) 3333-1234 ramal 12"}},
	{"text-two", "BR", []string{"51 98765-1234 / 51 3333-1234"}},
}

func BenchmarkPhone(b *testing.B) {
	for _, bench := range benchPhones {
		b.Run(bench.name, func(b *testing.B) {
			o := &Options{Country: bench.country}
			var values []Value
			var problems []Problem
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				values, problems = AppendPhone(values[:0], problems[:0], bench.texts[i%len(bench.texts)], o)
				i++
			}
		})
	}
}

// BenchmarkPhoneLibrary does with the library alone what BenchmarkPhone does: parse, validate, format, tell the type.
func BenchmarkPhoneLibrary(b *testing.B) {
	for _, bench := range benchPhones {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				n, err := phonenumbers.Parse(bench.texts[i%len(bench.texts)], bench.country)
				if err == nil && phonenumbers.IsValidNumber(n) {
					_ = phonenumbers.Format(n, phonenumbers.E164)
					_ = phonenumbers.GetNumberType(n)
				}
				i++
			}
		})
	}
}

func BenchmarkEmail(b *testing.B) {
	for name, text := range map[string]string{
		"personal": "joao.silva@gmail.com", "company": "Maria.Souza@empresa-exemplo.com.br", "typo": "joao@gmial.com",
		"role": "contato@empresa.com.br", "text": "Ana <ana@example.com>",
	} {
		b.Run(name, func(b *testing.B) {
			var values []Value
			var problems []Problem
			b.ReportAllocs()
			for b.Loop() {
				values, problems = AppendEmail(values[:0], problems[:0], text, nil)
			}
		})
	}
}

func BenchmarkDocument(b *testing.B) {
	for name, text := range map[string]string{
		"CNPJ": "54.550.752/0001-55", "CNPJ-digits": "54550752000155", "CNPJ-letters": "12.ABC.345/01DE-35", "CPF": "529.982.247-25",
	} {
		b.Run(name, func(b *testing.B) {
			var values []Value
			var problems []Problem
			b.ReportAllocs()
			for b.Loop() {
				values, problems = AppendDocument(values[:0], problems[:0], text, nil)
			}
		})
	}
}

func BenchmarkKey(b *testing.B) {
	b.Run("joining", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = Key(Phone, "+5551987651234")
		}
	})
	b.Run("shared", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = SharedKey(Phone, "+555133331234", "jose da silva")
		}
	})
}

func BenchmarkFoldName(b *testing.B) {
	for name, text := range map[string]string{"ascii": "Jose da Silva", "accents": "José  da Conceição."} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = FoldName(text)
			}
		})
	}
}
