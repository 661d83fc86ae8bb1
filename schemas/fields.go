package schemas

import (
	"slices"
	"strings"

	"github.com/bateia/bateia/schemas/identity"
)

// FieldType is how the text of a field is read.
type FieldType string

// Types of fields. The canonical text of a number is 1234.56, of a date
// 2006-01-02, of a boolean true or false.
const (
	TypeText      FieldType = "text"
	TypeNumber    FieldType = "number"
	TypeDate      FieldType = "date"
	TypeBoolean   FieldType = "boolean"
	TypePostal    FieldType = "postal_code"
	TypeState     FieldType = "state"
	TypeCountry   FieldType = "country"
	TypeLifecycle FieldType = "lifecycle"
	TypeIdentity  FieldType = "identity"
	TypeHelper    FieldType = "helper" // read only to understand another column
	TypeTags      FieldType = "tags"
	TypeRowID     FieldType = "row_id"
)

// Field is one entry of the field catalogue.
type Field struct {
	Name string
	Type FieldType
	// Kind is the identity that the field states, 0 when it states none.
	Kind identity.Kind
	// Column is the column of the table prospects that holds the best value,
	// "" for fields that have none of their own (phone2, tags …).
	Column string
	// Several says that more than one column of a file may feed the field.
	Several bool
	// MaxRunes is the longest text accepted, in runes.
	MaxRunes int
}

// Fields is the catalogue of standard fields. Everything that lists the fields
// of a prospect, in SQL or in JSON, is made from it, in this order.
var Fields = []Field{
	{Name: "phone", Type: TypeIdentity, Kind: identity.Phone, Column: "phone", Several: true, MaxRunes: 200},
	{Name: "phone2", Type: TypeIdentity, Kind: identity.Phone, MaxRunes: 200},
	{Name: "phone3", Type: TypeIdentity, Kind: identity.Phone, MaxRunes: 200},
	{Name: "phone4", Type: TypeIdentity, Kind: identity.Phone, MaxRunes: 200},
	{Name: "phone5", Type: TypeIdentity, Kind: identity.Phone, MaxRunes: 200},
	{Name: "landline", Type: TypeIdentity, Kind: identity.Phone, Several: true, MaxRunes: 200},
	{Name: "whatsapp", Type: TypeIdentity, Kind: identity.Phone, MaxRunes: 200},
	{Name: "phone_area", Type: TypeHelper, MaxRunes: 10},
	{Name: "phone2_area", Type: TypeHelper, MaxRunes: 10},
	{Name: "phone_country", Type: TypeHelper, MaxRunes: 60},
	{Name: "email", Type: TypeIdentity, Kind: identity.Email, Column: "email", Several: true, MaxRunes: 1000},
	{Name: "email2", Type: TypeIdentity, Kind: identity.Email, MaxRunes: 1000},
	{Name: "email3", Type: TypeIdentity, Kind: identity.Email, MaxRunes: 1000},
	{Name: "document", Type: TypeIdentity, Kind: identity.Document, Column: "document", Several: true, MaxRunes: 100},
	{Name: "instagram", Type: TypeIdentity, Kind: identity.Instagram, Column: "instagram", MaxRunes: 200},
	{Name: "telegram", Type: TypeIdentity, Kind: identity.Telegram, Column: "telegram", MaxRunes: 200},
	{Name: "external_id", Type: TypeIdentity, Kind: identity.External, MaxRunes: 200},
	{Name: "bateia_id", Type: TypeRowID, MaxRunes: 100},
	{Name: "name", Type: TypeText, Column: "name", MaxRunes: 300},
	{Name: "first_name", Type: TypeText, Column: "first_name", MaxRunes: 200},
	{Name: "last_name", Type: TypeText, Column: "last_name", MaxRunes: 200},
	{Name: "company", Type: TypeText, Column: "company", MaxRunes: 300},
	{Name: "job_title", Type: TypeText, Column: "job_title", MaxRunes: 200},
	{Name: "birthday", Type: TypeDate, Column: "birthday"},
	{Name: "street", Type: TypeText, Column: "street", MaxRunes: 300},
	{Name: "street_number", Type: TypeText, Column: "street_number", MaxRunes: 50},
	{Name: "complement", Type: TypeText, Column: "complement", MaxRunes: 200},
	{Name: "district", Type: TypeText, Column: "district", MaxRunes: 200},
	{Name: "city", Type: TypeText, Column: "city", MaxRunes: 200},
	{Name: "state", Type: TypeState, Column: "state", MaxRunes: 100},
	{Name: "postal_code", Type: TypePostal, Column: "postal_code", MaxRunes: 30},
	{Name: "country", Type: TypeCountry, Column: "country", MaxRunes: 100},
	{Name: "website", Type: TypeText, Column: "website", MaxRunes: 1000},
	{Name: "source", Type: TypeText, Column: "source", MaxRunes: 200},
	{Name: "status", Type: TypeText, Column: "status", MaxRunes: 100},
	{Name: "lifecycle", Type: TypeLifecycle, Column: "lifecycle", MaxRunes: 100},
	{Name: "owner", Type: TypeText, Column: "owner", MaxRunes: 200},
	{Name: "is_company", Type: TypeBoolean, Column: "is_company"},
	{Name: "notes", Type: TypeText, Column: "notes", Several: true, MaxRunes: 20_000},
	{Name: "utm_source", Type: TypeText, Column: "utm_source", MaxRunes: 300},
	{Name: "utm_medium", Type: TypeText, Column: "utm_medium", MaxRunes: 300},
	{Name: "utm_campaign", Type: TypeText, Column: "utm_campaign", MaxRunes: 300},
	{Name: "tags", Type: TypeTags, Several: true, MaxRunes: 2000},
}

// FieldByName returns the standard field of that name.
func FieldByName(name string) (Field, bool) {
	i := slices.IndexFunc(Fields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return Fields[i], true
}

// ExtraPrefix starts the name of a field that an account made up.
const ExtraPrefix = "extra."

// IsExtra reports whether a field name is extra.<name>, and returns the name.
func IsExtra(field string) (string, bool) { return strings.CutPrefix(field, ExtraPrefix) }

// ProspectColumns returns the columns of the table prospects that hold the
// best value of a field, in catalogue order. For each of them the table rows
// has a column FieldColumn when the import fills the field.
func ProspectColumns() []Field {
	var out []Field
	for _, f := range Fields {
		if f.Column != "" {
			out = append(out, f)
		}
	}
	return out
}
