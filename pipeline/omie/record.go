package omie

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// Text is a text that Omie sometimes sends as a number, or not at all.
type Text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *Text) UnmarshalJSON(b []byte) error {
	b = bytes.TrimSpace(b)
	switch {
	case len(b) == 0 || string(b) == "null":
		*t = ""
		return nil
	case b[0] == '"':
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		*t = Text(strings.TrimSpace(s))
		return nil
	}
	*t = Text(b) // a number, or true and false
	return nil
}

// Number is a whole number that Omie sometimes sends as text.
type Number int64

// UnmarshalJSON implements json.Unmarshaler. A text that is no number is 0.
func (n *Number) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseInt(strings.Trim(string(bytes.TrimSpace(b)), `" `), 10, 64)
	if err != nil {
		v = 0
	}
	*n = Number(v)
	return nil
}

// Yes reports whether a text is Omie's S.
func (t Text) Yes() bool { return strings.EqualFold(string(t), "S") }

// Customer is a record of the one register of customers, suppliers and carriers,
// as lists send it. What is missing was empty. Bank data is not read.
type Customer struct {
	ID          Number `json:"codigo_cliente_omie"`
	Integration Text   `json:"codigo_cliente_integracao"`
	LegalName   Text   `json:"razao_social"`
	TradeName   Text   `json:"nome_fantasia"`
	Document    Text   `json:"cnpj_cpf"`
	Contact     Text   `json:"contato"`
	Phone1Area  Text   `json:"telefone1_ddd"`
	Phone1      Text   `json:"telefone1_numero"`
	Phone2Area  Text   `json:"telefone2_ddd"`
	Phone2      Text   `json:"telefone2_numero"`
	FaxArea     Text   `json:"fax_ddd"`
	Fax         Text   `json:"fax_numero"`
	Email       Text   `json:"email"` // often several
	Website     Text   `json:"homepage"`
	Street      Text   `json:"endereco"`
	Number      Text   `json:"endereco_numero"`
	Complement  Text   `json:"complemento"`
	District    Text   `json:"bairro"`
	City        Text   `json:"cidade"` // CAMPINAS (SP)
	State       Text   `json:"estado"` // EX is abroad
	PostalCode  Text   `json:"cep"`
	Country     Text   `json:"codigo_pais"` // 1058 is Brazil
	Person      Text   `json:"pessoa_fisica"`
	Abroad      Text   `json:"exterior"`
	Inactive    Text   `json:"inativo"`
	Notes       Text   `json:"observacao"`
	Tags        []struct {
		Tag Text `json:"tag"`
	} `json:"tags"`
	Traits []struct {
		Field Text `json:"campo"`
		Value Text `json:"conteudo"`
	} `json:"caracteristicas"`
	Advice struct {
		Seller Number `json:"codigo_vendedor"`
	} `json:"recomendacoes"`
	Info Info `json:"info"`
}

// Info is when a record was made and changed, in Brasília's time.
type Info struct {
	AddedDay    Text `json:"dInc"` // dd/mm/yyyy
	AddedHour   Text `json:"hInc"` // hh:mm:ss
	ChangedDay  Text `json:"dAlt"`
	ChangedHour Text `json:"hAlt"`
}

// Brief is a customer as the short list sends it.
type Brief struct {
	ID          Number `json:"codigo_cliente"`
	Integration Text   `json:"codigo_cliente_integracao"`
	LegalName   Text   `json:"razao_social"`
	TradeName   Text   `json:"nome_fantasia"`
	Document    Text   `json:"cnpj_cpf"`
}

// Seller is a seller of the company.
type Seller struct {
	ID       Number `json:"codigo"`
	Name     Text   `json:"nome"`
	Email    Text   `json:"email"`
	Inactive Text   `json:"inativo"`
}
