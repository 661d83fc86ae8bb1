package identity

import (
	"log/slog"
	"strings"
)

// Kind is what sort of identity a value is. The numbers are stored as smallint and never change.
type Kind uint8

// The kinds of identity.
const (
	Phone     Kind = 1 + iota // E.164
	Email                     // lower-case address
	Document                  // tax or personal number
	External                  // "system:id"
	Instagram                 // user name
	Telegram                  // user name or numeric id
)

var kindNames = [...]string{
	Phone: "phone", Email: "email", Document: "document", External: "external_id", Instagram: "instagram", Telegram: "telegram",
}

// String returns the name that JSON and SQL use, such as "phone" or "external_id".
func (k Kind) String() string {
	if int(k) < len(kindNames) && kindNames[k] != "" {
		return kindNames[k]
	}
	return "unknown"
}

// ParseKind is the inverse of Kind.String.
func ParseKind(s string) (Kind, bool) {
	for k, name := range kindNames {
		if name != "" && name == s {
			return Kind(k), true
		}
	}
	return 0, false
}

// Strength says whether a value joins by itself.
type Strength uint8

// Joining values identify one prospect; Shared values join only together with the same folded name, or when both
// sides have none.
const (
	Joining Strength = 1 + iota
	Shared
)

// String returns "joining" or "shared".
func (s Strength) String() string {
	switch s {
	case Joining:
		return "joining"
	case Shared:
		return "shared"
	}
	return "unknown"
}

// Severity tells a refusal from a remark.
type Severity uint8

// An Error means that the cell gave no value; a Warning comes with values, or says why a placeholder was dropped.
const (
	Error Severity = 1 + iota
	Warning
)

// String returns "error" or "warning".
func (s Severity) String() string {
	switch s {
	case Error:
		return "error"
	case Warning:
		return "warning"
	}
	return "unknown"
}

// Problem is why a value was refused or what is odd about it. It never carries the value.
type Problem struct {
	Code       string   // one of the Code constants
	Severity   Severity // Error or Warning
	Suggestion string   // what was probably meant, free of personal data: the right domain of a mistyped one
}

// Value is one canonical identity. Strength, Country and Sub depend on Kind and Canonical alone, so a value read back
// from the database can be completed with Restore.
type Value struct {
	Kind      Kind
	Canonical string
	Strength  Strength
	Country   string // ISO 3166-1 alpha-2 of a phone or document; empty for a phone that belongs to no country
	Sub       string // phone: a Line constant; document: a Doc constant; external id: the system
	Extension string // digits to dial after the number answers; no part of the identity
}

// Line constants are the values of Value.Sub for phones.
const (
	LineMobile   = "mobile"
	LineLandline = "landline"
	LineTollFree = "tollfree" // free and local-rate numbers that callers all over a country share
	LineOther    = "other"    // internet telephony, personal and service numbers, and plans that do not tell mobiles from landlines
)

// String returns the canonical form.
func (v Value) String() string { return v.Canonical }

// LogValue keeps identities out of logs: the kind and the masked value.
func (v Value) LogValue() slog.Value {
	return slog.StringValue(v.Kind.String() + ":" + v.Mask())
}

// Format returns the value as people write it, such as "+55 51 99999-1234" or "529.982.247-25".
// Parsing the result gives the value again.
func (v Value) Format() string {
	switch v.Kind {
	case Phone:
		return formatPhone(v)
	case Document:
		return formatDocument(v)
	case Instagram:
		return "@" + v.Canonical
	case Telegram:
		if v.Canonical != "" && !isDigit(v.Canonical[0]) {
			return "@" + v.Canonical
		}
	}
	return v.Canonical
}

// Mask returns Format with most of the value hidden, for views that may not show it.
func (v Value) Mask() string {
	switch v.Kind {
	case Phone:
		return maskPhone(v)
	case Email:
		return maskEmail(v.Canonical)
	case External:
		if system, id, ok := strings.Cut(v.Canonical, ":"); ok {
			return system + ":" + MaskText(id)
		}
	}
	return MaskText(v.Format())
}

// Options says how cells are read. The zero value reads for Brazil.
type Options struct {
	// Country is the account's country, ISO 3166-1 alpha-2, "BR" when empty: numbers without a plus sign and
	// documents are read by its rules first.
	Country string
	// AreaCode is the content of an area column beside the phone; it completes numbers that lack one.
	AreaCode string
	// DefaultAreaCode completes numbers that have no area code anywhere, with a warning.
	DefaultAreaCode string
	// RejectMultiple refuses a cell that holds several identities instead of returning all of them.
	RejectMultiple bool
}

var defaultOptions Options

func (o *Options) country() string {
	if o.Country == "" {
		return "BR"
	}
	return strings.ToUpper(o.Country)
}
