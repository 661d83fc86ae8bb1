package validate

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/schemas"
)

// The header rows of exports and import templates of programs that sales teams
// use. Those of Outlook in English and Google Contacts are whole; the others
// are the columns that their help pages and their users' files name, which
// accounts may have fewer or more of.
//
// Listed is every column that feeds a standard field, or, behind a question
// mark, that is left to the user. All others become extra fields.
func TestExportsOfPrograms(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ program, header, want string }{
		{"Bling", `ID,Código,Nome,Fantasia,Endereço,Número,Complemento,Bairro,CEP,Cidade,UF,Contatos,Fone,Fax,Celular,E-mail,Web Site,Tipo pessoa,CNPJ / CPF,IE / RG,IE isento,Situação,Observações,Estado civil,Profissão,Sexo,Data nascimento,Naturalidade,Nome pai,CPF pai,Nome mãe,CPF mãe,Vendedor,E-mail para envio de NFe,Tipo contato,Contribuinte,Código de regime tributário,Limite de crédito,Cliente desde`, `
			ID = ? external_id
			Código = ? external_id
			Nome = name
			Fantasia = company
			Endereço = street
			Número = street_number
			Complemento = complement
			Bairro = district
			CEP = postal_code
			Cidade = city
			UF = state
			Contatos = ? phone
			Fone = phone
			Celular = phone
			E-mail = email
			Web Site = website
			Tipo pessoa = is_company
			CNPJ / CPF = document
			Situação = status
			Observações = notes
			Profissão = job_title
			Data nascimento = birthday
			Vendedor = owner
		`},
		{"Conta Azul", `Nome,Razão Social,Tipo de Pessoa,CPF,CNPJ,Email principal,Telefone principal,Telefone Comercial,Celular,Inscrição Estadual,Inscrição Municipal,Data de Nascimento,CEP,Endereço,Número,Complemento,Bairro,Cidade,Estado,Website,Observações,Nome Contato,E-mail Contato,Telefone Contato,Cargo Contato,Status`, `
			Nome = name
			Razão Social = company
			Tipo de Pessoa = is_company
			CPF = document
			CNPJ = document
			Email principal = email
			Telefone principal = phone
			Telefone Comercial = phone
			Celular = phone
			Data de Nascimento = birthday
			CEP = postal_code
			Endereço = street
			Número = street_number
			Complemento = complement
			Bairro = district
			Cidade = city
			Estado = state
			Website = website
			Observações = notes
			E-mail Contato = email
			Telefone Contato = phone
			Cargo Contato = job_title
			Status = status
		`},
		{"Google new", `First Name,Middle Name,Last Name,Phonetic First Name,Phonetic Middle Name,Phonetic Last Name,Name Prefix,Name Suffix,Nickname,File As,Organization Name,Organization Title,Organization Department,Birthday,Notes,Photo,Labels,E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Label,E-mail 2 - Value,Phone 1 - Label,Phone 1 - Value,Phone 2 - Label,Phone 2 - Value,Address 1 - Label,Address 1 - Formatted,Address 1 - Street,Address 1 - City,Address 1 - PO Box,Address 1 - Region,Address 1 - Postal Code,Address 1 - Country,Address 1 - Extended Address,Relation 1 - Label,Relation 1 - Value,Website 1 - Label,Website 1 - Value,Event 1 - Label,Event 1 - Value,Custom Field 1 - Label,Custom Field 1 - Value`, `
			First Name = first_name
			Last Name = last_name
			Organization Name = company
			Organization Title = job_title
			Birthday = birthday
			Notes = notes
			Labels = tags
			E-mail 1 - Value = email
			E-mail 2 - Value = email2
			Phone 1 - Value = phone
			Phone 2 - Value = phone2
			Address 1 - Street = street
			Address 1 - City = city
			Address 1 - Region = state
			Address 1 - Postal Code = postal_code
			Address 1 - Country = country
			Address 1 - Extended Address = complement
			Website 1 - Value = website
		`},
		{"Google old", `Name,Given Name,Additional Name,Family Name,Yomi Name,Given Name Yomi,Additional Name Yomi,Family Name Yomi,Name Prefix,Name Suffix,Initials,Nickname,Short Name,Maiden Name,Birthday,Gender,Location,Billing Information,Directory Server,Mileage,Occupation,Hobby,Sensitivity,Priority,Subject,Notes,Language,Photo,Group Membership,E-mail 1 - Type,E-mail 1 - Value,Phone 1 - Type,Phone 1 - Value,Address 1 - Type,Address 1 - Formatted,Address 1 - Street,Address 1 - City,Address 1 - PO Box,Address 1 - Region,Address 1 - Postal Code,Address 1 - Country,Address 1 - Extended Address,Organization 1 - Type,Organization 1 - Name,Organization 1 - Yomi Name,Organization 1 - Title,Organization 1 - Department,Organization 1 - Symbol,Website 1 - Type,Website 1 - Value`, `
			Name = name
			Given Name = first_name
			Family Name = last_name
			Birthday = birthday
			Occupation = job_title
			Notes = notes
			Group Membership = tags
			E-mail 1 - Value = email
			Phone 1 - Value = phone
			Address 1 - Street = street
			Address 1 - City = city
			Address 1 - Region = state
			Address 1 - Postal Code = postal_code
			Address 1 - Country = country
			Address 1 - Extended Address = complement
			Organization 1 - Name = company
			Website 1 - Value = website
		`},
		{"HubSpot en", `Record ID,First Name,Last Name,Email,Phone Number,Mobile Phone Number,WhatsApp Phone Number,Contact owner,Primary Associated Company ID,Associated Company,Company Name,Job Title,Last Activity Date,Lead Status,Lifecycle Stage,Marketing contact status,Create Date,City,State/Region,Country/Region,Postal Code,Street Address,Website URL,Date of birth,Additional email addresses,Original Source`, `
			Record ID = ? external_id
			First Name = first_name
			Last Name = last_name
			Email = email
			Phone Number = phone
			Mobile Phone Number = phone
			WhatsApp Phone Number = whatsapp
			Contact owner = owner
			Associated Company = company
			Job Title = job_title
			Lead Status = status
			Lifecycle Stage = lifecycle
			City = city
			State/Region = state
			Country/Region = country
			Postal Code = postal_code
			Street Address = street
			Website URL = website
			Date of birth = birthday
			Additional email addresses = email2
			Original Source = source
		`},
		{"HubSpot es", `ID de registro,Nombre,Apellidos,Correo,Número de teléfono,Número de teléfono móvil,Propietario del contacto,Nombre de la empresa,Cargo,Estado del lead,Etapa del ciclo de vida,Fecha de creación,Ciudad,Estado/región,País/región,Código postal,Dirección,URL del sitio web`, `
			ID de registro = ? external_id
			Nombre = first_name
			Apellidos = last_name
			Correo = email
			Número de teléfono = phone
			Número de teléfono móvil = phone
			Propietario del contacto = owner
			Nombre de la empresa = company
			Cargo = job_title
			Estado del lead = status
			Etapa del ciclo de vida = lifecycle
			Ciudad = city
			Estado/región = state
			País/región = country
			Código postal = postal_code
			Dirección = street
			URL del sitio web = website
		`},
		{"HubSpot pt", `ID do registro,Nome,Sobrenome,E-mail,Número de telefone,Número de celular,Proprietário do contato,Nome da empresa,Cargo,Status do lead,Estágio do ciclo de vida,Data de criação,Cidade,Estado/Região,País/região,CEP,Endereço,URL do site`, `
			ID do registro = ? external_id
			Nome = first_name
			Sobrenome = last_name
			E-mail = email
			Número de telefone = phone
			Número de celular = phone
			Proprietário do contato = owner
			Nome da empresa = company
			Cargo = job_title
			Status do lead = status
			Estágio do ciclo de vida = lifecycle
			Cidade = city
			Estado/Região = state
			País/região = country
			CEP = postal_code
			Endereço = street
			URL do site = website
		`},
		{"Nectar", `ID,Nome,Razão Social,CPF,CNPJ,Empresa,Cargo,Emails,Telefones,Telefone 1,Telefone 2,E-mail 1,E-mail 2,Logradouro,Número,Complemento,Bairro,Município,Estado,CEP,País,Responsável,Origem,Segmento,Site,Observação,Data de criação,Constante`, `
			ID = ? external_id
			Nome = name
			Razão Social = company
			CPF = document
			CNPJ = document
			Cargo = job_title
			Emails = email
			Telefones = phone
			Telefone 1 = phone
			Telefone 2 = phone2
			E-mail 1 = email
			E-mail 2 = email2
			Logradouro = street
			Número = street_number
			Complemento = complement
			Bairro = district
			Município = city
			Estado = state
			CEP = postal_code
			País = country
			Responsável = owner
			Origem = source
			Segmento = ? tags
			Site = website
			Observação = notes
		`},
		{"Omie", `Código de Integração,Razão Social / Nome Completo,CNPJ / CPF,Nome Fantasia / Nome Abreviado,DDD,Telefone,Nome do Contato,Endereço,Número,Bairro,Complemento,Estado,Cidade,CEP,País,DDD 2,Telefone 2,DDD Fax,Fax,E-mail,WebSite,Inscrição Estadual,Inscrição Municipal,Optante do Simples Nacional,Tags,Observações,Vendedor`, `
			Código de Integração = ? external_id
			Razão Social / Nome Completo = name
			CNPJ / CPF = document
			Nome Fantasia / Nome Abreviado = company
			DDD = phone_area
			Telefone = phone
			Endereço = street
			Número = street_number
			Bairro = district
			Complemento = complement
			Estado = state
			Cidade = city
			CEP = postal_code
			País = country
			DDD 2 = phone2_area
			Telefone 2 = phone2
			E-mail = email
			WebSite = website
			Tags = tags
			Observações = notes
			Vendedor = owner
		`},
		{"Outlook en", `Title,First Name,Middle Name,Last Name,Suffix,Company,Department,Job Title,Business Street,Business Street 2,Business Street 3,Business City,Business State,Business Postal Code,Business Country/Region,Home Street,Home Street 2,Home Street 3,Home City,Home State,Home Postal Code,Home Country/Region,Other Street,Other Street 2,Other Street 3,Other City,Other State,Other Postal Code,Other Country/Region,Assistant's Phone,Business Fax,Business Phone,Business Phone 2,Callback,Car Phone,Company Main Phone,Home Fax,Home Phone,Home Phone 2,ISDN,Mobile Phone,Other Fax,Other Phone,Pager,Primary Phone,Radio Phone,TTY/TDD Phone,Telex,Account,Anniversary,Assistant's Name,Billing Information,Birthday,Business Address PO Box,Categories,Children,Directory Server,E-mail Address,E-mail Type,E-mail Display Name,E-mail 2 Address,E-mail 2 Type,E-mail 2 Display Name,E-mail 3 Address,E-mail 3 Type,E-mail 3 Display Name,Gender,Government ID Number,Hobby,Notes,Web Page`, `
			First Name = first_name
			Last Name = last_name
			Company = company
			Job Title = job_title
			Business Street = street
			Business Street 2 = complement
			Business Street 3 = district
			Business City = city
			Business State = state
			Business Postal Code = postal_code
			Business Country/Region = country
			Business Phone = phone
			Business Phone 2 = phone2
			Company Main Phone = phone
			Home Phone = phone
			Home Phone 2 = phone
			Mobile Phone = phone
			Other Phone = phone
			Primary Phone = phone
			Birthday = birthday
			Categories = tags
			E-mail Address = email
			E-mail 2 Address = email2
			E-mail 3 Address = email3
			Notes = notes
			Web Page = website
		`},
		{"Outlook es", `Título,Nombre,Segundo nombre,Apellidos,Sufijo,Organización,Departamento,Puesto,Calle del trabajo,Calle del trabajo 2,Calle del trabajo 3,Ciudad de trabajo,Provincia o estado de trabajo,Código postal del trabajo,País o región del trabajo,Calle particular,Ciudad,Provincia o estado particular,Código postal particular,País o región particular,Teléfono del ayudante,Fax del trabajo,Teléfono del trabajo,Teléfono del trabajo 2,Devolución de llamada,Teléfono del automóvil,Número de centralita de la organización,Fax particular,Particular,Particular 2,Móvil,Otro fax,Otro teléfono,Localizador,Teléfono principal,Aniversario,Cumpleaños,Categorías,Dirección de correo electrónico,Tipo de correo electrónico,Nombre de pantalla de correo electrónico,Dirección del correo electrónico 2,Tipo de correo electrónico 2,Nombre de pantalla de correo electrónico 2,Notas,Página Web`, `
			Nombre = first_name
			Apellidos = last_name
			Organización = company
			Puesto = job_title
			Calle del trabajo = street
			Calle del trabajo 2 = complement
			Calle del trabajo 3 = district
			Ciudad de trabajo = city
			Provincia o estado de trabajo = state
			Código postal del trabajo = postal_code
			País o región del trabajo = country
			Teléfono del trabajo = phone
			Teléfono del trabajo 2 = phone2
			Particular = ? phone
			Móvil = phone
			Otro teléfono = phone
			Teléfono principal = phone
			Cumpleaños = birthday
			Categorías = tags
			Dirección de correo electrónico = email
			Dirección del correo electrónico 2 = email2
			Notas = notes
			Página Web = website
		`},
		{"Outlook pt", `Título,Nome,Segundo nome,Sobrenome,Sufixo,Empresa,Departamento,Cargo,Rua do endereço comercial,Rua do endereço comercial 2,Rua do endereço comercial 3,Cidade do endereço comercial,Estado do endereço comercial,CEP do endereço comercial,País/Região da Empresa,Rua do endereço residencial,Cidade do endereço residencial,Telefone do assistente,Fax comercial,Telefone comercial,Telefone comercial 2,Retorno de chamada,Telefone do carro,Telefone principal da empresa,Fax residencial,Telefone residencial,Telefone celular,Outro telefone,Pager,Telefone principal,Aniversário,Datas especiais,Nome do assistente,Categorias,Endereço de email,Tipo de email,Nome para exibição do email,Endereço de email 2,Tipo de email 2,Nome para exibição do email 2,Anotações,Página da Web`, `
			Nome = first_name
			Sobrenome = last_name
			Empresa = company
			Cargo = job_title
			Rua do endereço comercial = street
			Rua do endereço comercial 2 = complement
			Rua do endereço comercial 3 = district
			Cidade do endereço comercial = city
			Estado do endereço comercial = state
			CEP do endereço comercial = postal_code
			País/Região da Empresa = country
			Telefone comercial = phone
			Telefone comercial 2 = phone2
			Telefone principal da empresa = phone
			Telefone residencial = phone
			Telefone celular = phone
			Outro telefone = phone
			Telefone principal = phone
			Aniversário = birthday
			Categorias = tags
			Endereço de email = email
			Endereço de email 2 = email2
			Anotações = notes
			Página da Web = website
		`},
		{"RD Station", `Email,Nome,Empresa,Site da Empresa,Telefone,Celular,Estado,Cidade,Cargo,Twitter,Facebook,LinkedIn,Página Pessoal,Anotações,Tags,Estágio no funil,Dono do Lead,Data da primeira conversão,Evento da primeira conversão,Origem da primeira conversão,Data da última conversão,Origem da última conversão,Total de conversões,Lead Scoring - Perfil,Lead Scoring - Interesse,Status para Comunicação por Email`, `
			Email = email
			Nome = name
			Empresa = company
			Site da Empresa = website
			Telefone = phone
			Celular = phone
			Estado = state
			Cidade = city
			Cargo = job_title
			Anotações = notes
			Tags = tags
			Estágio no funil = lifecycle
			Dono do Lead = owner
			Origem da primeira conversão = ? source
			Origem da última conversão = ? source
		`},
		{"Wazzup", `Name,Phone,Channel,Chat type,Chat ID,Username,Responsible user,Created at`, `
			Name = name
			Phone = phone
			Channel = ? source
			Chat ID = ? phone
			Username = ? telegram
			Responsible user = owner
		`},
		{"Zendesk Sell", `id,name,first_name,last_name,is_organization,organization_name,title,email,work_email,phone,mobile,fax,website,twitter,facebook,linkedin,skype,description,industry,address,city,postal_code,state,country,owner,tags,customer_status,prospect_status,created_at`, `
			id = ? external_id
			name = name
			first_name = first_name
			last_name = last_name
			is_organization = is_company
			organization_name = company
			title = ? job_title
			email = email
			work_email = email
			phone = phone
			mobile = phone
			website = website
			description = ? notes
			address = street
			city = city
			postal_code = postal_code
			state = state
			country = country
			owner = owner
			tags = tags
			customer_status = status
		`},
		{"Zenvia", `Nome,Sobrenome,Telefone,WhatsApp,E-mail,CPF,Empresa,Grupos,Etiquetas,Canal,Data de criação`, `
			Nome = first_name
			Sobrenome = last_name
			Telefone = phone
			WhatsApp = whatsapp
			E-mail = email
			CPF = document
			Empresa = company
			Grupos = ? tags
			Etiquetas = tags
			Canal = ? source
		`},
	} {
		t.Run(tt.program, func(t *testing.T) {
			t.Parallel()
			p, issues, err := MakePlan(strings.Split(tt.header, ","), nil, schemas.Mapping{}, true)
			if err != nil || len(issues) > 0 {
				t.Fatalf("MakePlan: %v, %+v", err, issues)
			}
			var got []string
			for _, c := range p.Columns {
				field := c.Field
				if _, extra := schemas.IsExtra(field); extra {
					var doubt bool
					if field, doubt = strings.CutPrefix(c.Reason, reasonAmbiguous+": "); !doubt {
						continue
					}
					field = "? " + field
				}
				got = append(got, c.Name+" = "+field)
			}
			var want []string
			for line := range strings.Lines(tt.want) {
				if line = strings.TrimSpace(line); line != "" {
					want = append(want, line)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("mapping (-want +got):\n%s", diff)
			}
		})
	}
}

// Phones of one person in an area column, a country column and a number.
func TestAreaAndCountryColumnsAreJoined(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, header, row, want string }{
		{"area and number", "DDD;Telefone", "51;98765-4321", "+5551987654321"},
		{"country, area and number", "DDI;DDD;Telefone", "55;51;98765-4321", "+5551987654321"},
		{"of another country", "DDI;DDD;Telefone", "+54;11;2345-6789", "+541123456789"},
		{"number in front", "Telefone;DDD", "98765-4321;(51)", "+5551987654321"},
		{"the number has one already", "DDD;Telefone", "51;(11) 98765-4321", "+5511987654321"},
		{"two of each", "DDD;Telefone;DDD 2;Telefone 2", ";;21;98765-4321", "+5521987654321"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, _, err := ReadAll(strings.Split(tt.header, ";"), schemas.Mapping{}, true, Config{Country: "BR", Now: testNow},
				[][]string{strings.Split(tt.row, ";")}, func(_ int, r Row) {
					if got := r.Fields["phone"]; got != tt.want {
						t.Errorf("phone = %q, want %q (%s)", got, tt.want, r.Reason)
					}
				})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}
