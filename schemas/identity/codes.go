package identity

// Codes of problems. Each has a sentence and a remedy per language in the catalogue of package schemas.
const (
	CodeMultipleInCell       = "IDENTIFIER_MULTIPLE_IN_CELL" // warning; error with Options.RejectMultiple
	CodePlaceholder          = "PLACEHOLDER_VALUE"           // warning: the value is shared (phones, documents) or dropped (e-mails)
	CodePhoneMalformed       = "PHONE_MALFORMED"
	CodePhoneScientific      = "PHONE_SCIENTIFIC"
	CodePhoneLocalOnly       = "PHONE_LOCAL_ONLY"
	CodePhoneAreaAssumed     = "PHONE_AREA_ASSUMED" // warning
	CodePhoneCountryInvalid  = "PHONE_COUNTRY_INVALID"
	CodePhoneTooShort        = "PHONE_TOO_SHORT"
	CodePhoneTooLong         = "PHONE_TOO_LONG"
	CodePhoneInvalid         = "PHONE_INVALID"
	CodePhoneNinthDigitAdded = "PHONE_NINTH_DIGIT_ADDED" // warning
	CodeEmailInvalid         = "EMAIL_INVALID"
	CodeEmailTooLong         = "EMAIL_TOO_LONG"
	CodeEmailSuspectDomain   = "EMAIL_SUSPECT_DOMAIN" // warning, Suggestion is the domain probably meant
	CodeDocumentInvalid      = "DOCUMENT_INVALID"
	CodeDocumentZeros        = "DOCUMENT_ZEROS_RESTORED" // warning
	CodeIdentifierInvalid    = "IDENTIFIER_INVALID"      // a handle or external id that cannot be one
)

// Codes returns every code that this package gives, for a test that walks the catalogue.
func Codes() []string {
	return []string{
		CodeMultipleInCell, CodePlaceholder, CodePhoneMalformed, CodePhoneScientific, CodePhoneLocalOnly, CodePhoneAreaAssumed,
		CodePhoneCountryInvalid, CodePhoneTooShort, CodePhoneTooLong, CodePhoneInvalid, CodePhoneNinthDigitAdded, CodeEmailInvalid,
		CodeEmailTooLong, CodeEmailSuspectDomain, CodeDocumentInvalid, CodeDocumentZeros, CodeIdentifierInvalid,
	}
}

// refuse appends an error.
func refuse(problems []Problem, code string) []Problem {
	return append(problems, Problem{Code: code, Severity: Error})
}

// warn appends a warning.
func warn(problems []Problem, code string) []Problem {
	return append(problems, Problem{Code: code, Severity: Warning})
}
