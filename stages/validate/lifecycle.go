package validate

import "github.com/bateia/bateia/schemas/identity"

// lifecycles are the stages of a customer by their folded names in Portuguese,
// Spanish and English, those of HubSpot and RD Station among them.
var lifecycles = map[string]string{
	"lead": "lead", "leads": "lead", "subscriber": "lead", "assinante": "lead", "suscriptor": "lead", "contato": "lead",
	"contacto": "lead", "novo": "lead", "nuevo": "lead", "new": "lead",
	"suspect": "suspect", "suspeito": "suspect", "sospechoso": "suspect", "marketing qualified lead": "suspect", "mql": "suspect",
	"lead qualificado": "suspect", "lead calificado": "suspect", "lead qualificado por marketing": "suspect",
	"lead qualificado para marketing": "suspect", "lead calificado para mkt": "suspect", "lead calificado para marketing": "suspect",
	"prospect": "prospect", "prospecto": "prospect", "potencial": "prospect", "cliente potencial": "prospect", "oportunidade": "prospect",
	"oportunidad": "prospect", "opportunity": "prospect", "sales qualified lead": "prospect", "sql": "prospect",
	"lead qualificado para vendas": "prospect", "lead qualificado por vendas": "prospect", "lead calificado para ventas": "prospect",
	"client": "client", "cliente": "client", "customer": "client", "clientes": "client", "comprador": "client",
	"evangelist": "client", "promotor": "client",
	"discarded": "discarded", "descartado": "discarded", "descartada": "discarded", "perdido": "discarded", "lost": "discarded",
	"desqualificado": "discarded", "descalificado": "discarded", "disqualified": "discarded", "unqualified": "discarded",
}

// lifecycle returns the canonical stage, and whether text names one.
func (s *scratch) lifecycle(text string) (string, bool) {
	return s.remember("lifecycle", text, func(text string) (string, bool) {
		stage, ok := lifecycles[identity.FoldName(text)]
		return stage, ok
	})
}
