package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// file is one drop. All people in it are invented.
type file struct {
	key, about, want string
	body             []byte
}

// files returns the drops in order.
func files() []file {
	return []file{
		{
			key:   "uploads/default/feira/feira.csv",
			about: "what a Brazilian spreadsheet saves: Windows-1252, semicolons, repeated people, bad rows",
			want:  "applied",
			body:  windows1252(feira),
		}, {
			key:   "uploads/default/feira/feira-utf8.csv",
			about: "the same list in UTF-8 with commas: the same people, so nothing changes",
			want:  "applied",
			body:  []byte(commas(feira)),
		}, {
			key:   "uploads/default/parceiro/parceiro.csv",
			about: "a partner's list that overlaps the first one",
			want:  "applied",
			body:  []byte(parceiro),
		}, {
			key:   "uploads/default/feira/planilha.csv",
			about: "an Excel workbook that somebody renamed to .csv",
			want:  "rejected",
			body:  workbook(),
		},
	}
}

const feira = `Telefone Celular;E-mail;Nome;Empresa;Cidade;Nascimento;Valor
5551999990001;ana.conceicao@exemplo.com.br;Ana Conceição;"Comércio Conceição; Filial ""Sul""";São Paulo;05/03/1988;1.234,56
+55 (51) 99999-0002;joao@exemplo.com.br;João Antônio;Padaria Pão & Cia;Porto Alegre;17/11/1975;99,90
51 99999-0003;;Márcia Araújo;"Ótica
Visão";Canoas;;
5551999990001;ANA.CONCEICAO@EXEMPLO.COM.BR;Ana Conceição;;São Paulo;;
;joao@exemplo.com.br;João Antônio;;Gravataí;;
51-9999;;Pedro Sem Número;;Viamão;;
5,55E+12;;Planilha Científica;;Esteio;;
;sem-arroba.exemplo.com;Sem Contato;;Alvorada;;
5551999990004;carla@exemplo.com.br;Carla Brandão;Estúdio Luz;Cachoeirinha;31/02/1990;abc
(51) 3333-4444;recepcao@exemplo.com.br;Recepção;Clínica São José;Novo Hamburgo;;
`

const parceiro = `whatsapp,nome,email,cpf
+55 51 99999-0001,Ana Conceição,,
5551999990005,Bruno Tavares,bruno@exemplo.com.br,529.982.247-25
5551999990006,Helena Prado,helena@exemplo.com.br,111.111.111-11
`

// commas makes the comma twin of a semicolon file: cells with a comma are quoted.
func commas(s string) string {
	var out strings.Builder
	quoted := false
	cell := strings.Builder{}
	flush := func(end rune) {
		text := cell.String()
		if strings.ContainsRune(text, ',') && !strings.HasPrefix(text, `"`) {
			text = `"` + text + `"`
		}
		out.WriteString(text)
		out.WriteRune(end)
		cell.Reset()
	}
	for _, r := range s {
		switch {
		case r == '"':
			quoted = !quoted
			cell.WriteRune(r)
		case r == ';' && !quoted:
			flush(',')
		case r == '\n' && !quoted:
			flush('\n')
		default:
			cell.WriteRune(r)
		}
	}
	return out.String()
}

// windows1252 encodes the text; every letter of it is below U+0100.
func windows1252(s string) []byte {
	out := make([]byte, 0, len(s))
	for _, r := range s {
		if r >= utf8.RuneSelf && r > 0xff {
			panic(fmt.Sprintf("no Windows-1252 for %q", r))
		}
		out = append(out, byte(r))
	}
	return out
}

// workbook returns the smallest .xlsx.
func workbook() []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, part := range [][2]string{
		{"[Content_Types].xml", `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`},
		{"_rels/.rels", `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/workbook.xml", `<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Leads" sheetId="1" r:id="rId1"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`},
		{"xl/worksheets/sheet1.xml", `<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>telefone</t></is></c></row></sheetData></worksheet>`},
	} {
		w, err := z.Create(part[0])
		if err == nil {
			_, err = w.Write([]byte(part[1]))
		}
		if err != nil {
			panic(err) // writing to memory does not fail
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}
