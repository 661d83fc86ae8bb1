package sync

import (
	"fmt"
	"hash/fnv"
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bateia/bateia/pipeline/omie"
	"github.com/bateia/bateia/schemas"
)

// system is that of the external ids: omie:<connection>:<code>.
const system = "omie"

// column is a column of the table records: its name, which is Omie's where Omie
// has one, the field it feeds, and its cell of a customer.
type column struct {
	name  string
	field string
	cell  func(c *omie.Customer, connection string, sellers map[int64]string) string
}

// columns are what is read of a customer.
var columns = []column{
	{"codigo_cliente_omie", "external_id", func(c *omie.Customer, connection string, _ map[int64]string) string {
		return connection + ":" + strconv.FormatInt(int64(c.ID), 10)
	}},
	{"codigo_cliente_integracao", "external_id", func(c *omie.Customer, connection string, _ map[int64]string) string {
		if c.Integration == "" {
			return ""
		}
		return connection + ":int:" + string(c.Integration) // its own space: a company may number both alike
	}},
	{"nome", "name", own(personName)},
	{"empresa", "company", own(companyName)},
	{"nome_fantasia", "extra.nome_fantasia", own(tradeName)},
	{"pessoa_juridica", "is_company", own(func(c *omie.Customer) string {
		switch {
		case c.Person.Yes():
			return "false"
		case strings.EqualFold(string(c.Person), "N"):
			return "true"
		}
		return ""
	})},
	{"cnpj_cpf", "document", own(func(c *omie.Customer) string { return string(c.Document) })},
	{"telefone1", "phone", own(func(c *omie.Customer) string { return phone(c, c.Phone1Area, c.Phone1) })},
	{"telefone2", "phone2", own(func(c *omie.Customer) string { return phone(c, c.Phone2Area, c.Phone2) })},
	{"fax", "phone3", own(func(c *omie.Customer) string { return phone(c, c.FaxArea, c.Fax) })},
	{"email", "email", own(func(c *omie.Customer) string { return emails(c)[0] })},
	{"email2", "email2", own(func(c *omie.Customer) string { return emails(c)[1] })},
	{"email3", "email3", own(func(c *omie.Customer) string { return emails(c)[2] })},
	{"homepage", "website", own(func(c *omie.Customer) string { return string(c.Website) })},
	{"endereco", "street", own(func(c *omie.Customer) string { return string(c.Street) })},
	{"endereco_numero", "street_number", own(func(c *omie.Customer) string { return string(c.Number) })},
	{"complemento", "complement", own(func(c *omie.Customer) string { return string(c.Complement) })},
	{"bairro", "district", own(func(c *omie.Customer) string { return string(c.District) })},
	{"cidade", "city", own(func(c *omie.Customer) string { return cityState.ReplaceAllString(string(c.City), "") })},
	{"estado", "state", own(func(c *omie.Customer) string {
		if strings.EqualFold(string(c.State), "EX") {
			return ""
		}
		return string(c.State)
	})},
	{"cep", "postal_code", own(func(c *omie.Customer) string { return string(c.PostalCode) })},
	{"codigo_pais", "country", own(func(c *omie.Customer) string { return countries[strings.TrimLeft(string(c.Country), "0")] })},
	{"observacao", "notes", own(func(c *omie.Customer) string { return string(c.Notes) })},
	{"tags", "tags", own(func(c *omie.Customer) string { return strings.Join(tagsOf(c), ",") })},
	{"vendedor", "owner", func(c *omie.Customer, _ string, sellers map[int64]string) string {
		return sellers[int64(c.Advice.Seller)]
	}},
}

func own(cell func(*omie.Customer) string) func(*omie.Customer, string, map[int64]string) string {
	return func(c *omie.Customer, _ string, _ map[int64]string) string { return cell(c) }
}

// countries are the codes of Brazil's central bank for the countries whose
// customers Brazilian companies have most; others are left out.
var countries = map[string]string{
	"1058": "BR", "639": "AR", "973": "BO", "1589": "CL", "1694": "CO", "1961": "CR", "2399": "EC", "2496": "US", "4936": "MX",
	"5800": "PA", "5860": "PY", "5894": "PE", "6475": "DO", "8451": "UY", "8508": "VE", "6076": "PT", "2453": "ES",
}

// cityState is what lists put behind the name of a city.
var cityState = regexp.MustCompile(`\s*\([A-Z]{2}\)\s*$`)

// personName is the customer's name: a person's own, a company's contact, else what
// it is called.
func personName(c *omie.Customer) string {
	if c.Person.Yes() {
		return first(c.LegalName, c.TradeName, c.Contact)
	}
	return first(c.Contact, c.TradeName, c.LegalName)
}

// companyName is the legal name of a company; a person has at most a trade name.
func companyName(c *omie.Customer) string {
	if c.Person.Yes() {
		if strings.EqualFold(string(c.TradeName), personName(c)) {
			return ""
		}
		return string(c.TradeName)
	}
	return first(c.LegalName, c.TradeName)
}

// tradeName is what is said nowhere else of it.
func tradeName(c *omie.Customer) string {
	name := string(c.TradeName)
	if name == personName(c) || name == companyName(c) {
		return ""
	}
	return name
}

func first(texts ...omie.Text) string {
	for _, t := range texts {
		if t != "" {
			return string(t)
		}
	}
	return ""
}

// phone joins area and number: (11) 3775-7888. Areas come as 11, 011 or not at all.
func phone(c *omie.Customer, area, number omie.Text) string {
	if number == "" {
		return ""
	}
	short := strings.TrimLeft(strings.TrimSpace(string(area)), "0")
	if short == "" || c.Abroad.Yes() && strings.HasPrefix(string(number), "+") {
		return string(number)
	}
	return "(" + short + ") " + string(number)
}

// emails are the three columns of the addresses in one cell; what is left over
// stays in the last one, which validate takes apart.
func emails(c *omie.Customer) (out [3]string) {
	list := strings.FieldsFunc(string(c.Email), func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\n' || r == '\t' || r == '/' })
	list = slices.Compact(list)
	copy(out[:], list)
	if len(list) > 3 {
		out[2] = strings.Join(list[2:], "; ")
	}
	return out
}

func tagsOf(c *omie.Customer) (out []string) {
	for _, t := range c.Tags {
		if text := strings.NewReplacer(",", " ", ";", " ", "|", " ").Replace(string(t.Tag)); text != "" {
			out = append(out, text)
		}
	}
	return out
}

// supplier are the roles that make no prospect by themselves.
var supplier = []string{"fornecedor", "transportadora"}

// wanted reports whether a record is asked for: it has one of the tags or, without
// any, is not tagged as supplier or carrier only; and it is active, asked for
// nevertheless, or known already.
func wanted(c *omie.Customer, r *schemas.SyncRequest, known bool) bool {
	if c.Inactive.Yes() && !r.IncludeInactive && !known {
		return false
	}
	have := tagsOf(c)
	has := func(list []string) bool {
		return slices.ContainsFunc(have, func(tag string) bool {
			return slices.ContainsFunc(list, func(other string) bool { return schemas.FoldLabel(tag) == schemas.FoldLabel(other) })
		})
	}
	if len(r.Tags) > 0 {
		return has(r.Tags)
	}
	return len(have) == 0 || slices.ContainsFunc(have, func(tag string) bool { return !slices.Contains(supplier, schemas.FoldLabel(tag)) })
}

// brasilia is the zone of Omie's times.
var brasilia = time.FixedZone("-03", -3*60*60)

// changedAt is when a record changed, the zero time when it does not say.
func changedAt(c *omie.Customer) time.Time {
	at, err := time.ParseInLocation("02/01/2006 15:04:05", string(c.Info.ChangedDay)+" "+string(c.Info.ChangedHour), brasilia)
	if err != nil {
		return time.Time{}
	}
	return at
}

// DocumentHash tells documents apart without naming them: 0 without one.
func DocumentHash(document string) int64 {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, strings.ToUpper(document))
	if digits == "" {
		return 0
	}
	h := fnv.New64a()
	h.Write([]byte(digits))
	return int64(h.Sum64())
}

// traitField is what the name of an extra field looks like.
var traitField = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// entry is a customer as it is kept until all pages are there.
type entry struct {
	id       int64
	changed  time.Time
	seller   int64
	cells    string // joined by cellMark, in the order of columns
	traits   string // name and value in turn, joined by cellMark
	wanted   bool
	inactive bool
	place    int64 // in the order in which entries were taken up, from 1
}

// same reports whether a record was read again as it was.
func (e entry) same(o entry) bool {
	o.place = e.place
	return e == o
}

// eachTrait yields the characteristics, names and values.
func (e entry) eachTrait() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		if e.traits == "" {
			return
		}
		parts := strings.Split(e.traits, cellMark)
		for i := 0; i+1 < len(parts); i += 2 {
			if !yield(parts[i], parts[i+1]) {
				return
			}
		}
	}
}

const cellMark = "\x1f"

func newEntry(c *omie.Customer, connection string, r *schemas.SyncRequest, known bool) entry {
	e := entry{id: int64(c.ID), changed: changedAt(c), seller: int64(c.Advice.Seller), wanted: wanted(c, r, known), inactive: c.Inactive.Yes()}
	cells := make([]string, len(columns))
	for i, col := range columns {
		cells[i] = clean(col.cell(c, connection, nil))
	}
	e.cells = strings.Join(cells, cellMark)
	var traits []string
	for _, t := range c.Traits {
		if t.Field != "" && t.Value != "" {
			traits = append(traits, clean(string(t.Field)), clean(string(t.Value)))
		}
	}
	e.traits = strings.Join(traits, cellMark)
	return e
}

// alike reports whether a customer may be the one of the entry: its document is the
// same or, without one, its name.
func (e entry) alike(c *omie.Customer) bool {
	cells := strings.Split(e.cells, cellMark)
	for _, i := range []int{documentColumn, nameColumn} {
		if now := clean(columns[i].cell(c, "", nil)); cells[i] != "" || now != "" {
			return cells[i] == now
		}
	}
	return true
}

// clean takes out what parts cells here, and the entities that Omie's form leaves.
func clean(text string) string {
	if strings.Contains(text, cellMark) {
		text = strings.ReplaceAll(text, cellMark, " ")
	}
	if strings.ContainsRune(text, '&') {
		text = entities.Replace(text)
	}
	return text
}

var entities = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">", "&quot;", `"`, "&#39;", "'", "&apos;", "'", "&nbsp;", " ")

// Columns that are looked at by themselves. The seller's name goes into ownerColumn
// once sellers are known.
var (
	ownerColumn    = columnNamed("vendedor")
	documentColumn = columnNamed("cnpj_cpf")
	nameColumn     = columnNamed("nome")
)

func columnNamed(name string) int {
	return slices.IndexFunc(columns, func(c column) bool { return c.name == name })
}

// mapping says what the columns feed; traits are the names of characteristics.
func mapping(m schemas.Mapping, traits []string) (schemas.Mapping, []string) {
	header := make([]string, 0, len(columns)+len(traits))
	m.Columns = map[string]schemas.ColumnTarget{}
	taken := map[string]bool{}
	for _, c := range columns {
		t := schemas.ColumnTarget{Field: c.field}
		if c.field == "external_id" {
			t.System = system
		}
		m.Columns[c.name], taken[c.field] = t, true
		header = append(header, c.name)
	}
	for _, name := range traits {
		column := "caracteristica " + name
		header = append(header, column)
		field := schemas.ExtraPrefix + strings.Join(schemas.HeaderWords(name), "_")
		for n := 2; taken[field]; n++ {
			field = fmt.Sprintf("%s%s_%d", schemas.ExtraPrefix, strings.Join(schemas.HeaderWords(name), "_"), n)
		}
		taken[field] = true
		if !traitField.MatchString(strings.TrimPrefix(field, schemas.ExtraPrefix)) {
			field = schemas.FieldIgnore
		}
		m.Columns[column] = schemas.ColumnTarget{Field: field, Type: string(schemas.TypeText)}
	}
	m.Rest = "ignore"
	return m, header
}
