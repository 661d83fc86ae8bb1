// Package identity turns the cells of contact lists into canonical identities: phones, e-mails, documents, handles and
// the ids of other systems. Everything that decides whether two rows are one person stands on these forms, so a cell
// is read exactly or refused with a code that says why; it is never guessed into somebody else's number.
//
// Each sort of value has an Append function for the many cells of a file, which reuses the caller's slices and does not
// allocate on usual cells, and a Parse function for a single one:
//
//	values, problems = identity.AppendPhone(values[:0], problems[:0], "(51) 98765-1234", &options)
//	value, problem := identity.ParsePhone("(51) 98765-1234", options)
//
// A [Problem] is an Error, and then the cell has no value, or a Warning beside the values. A blank cell, in any of the
// spellings of data/blank.txt, gives neither. Values, problems and masks carry no more of the cell than their name says:
// a Problem never has the value, [Value.LogValue] only a mask.
//
// # Phones
//
// The canonical form is E.164. Digits without a plus sign are read as a number of Options.Country in all the ways its
// people write it; only when none fits are they taken to start with a calling code. 51999991234 is a mobile of Porto
// Alegre in Brazil and a mobile of Peru only in Peru. Digits that are one home digit off count as foreign only for the
// countries around, since they are more often a typing error.
//
//	Brazil     area + 8 digits from 6, 8, 9 gains the ninth digit, with a warning; landlines (2 to 5) and trunked radio
//	           (7) stay; 0, 0 + carrier, 0xx, 90 and 00 in front fall away
//	Argentina  0 and 15 become +54 9: 011 15-2345-6789 is +54 9 11 2345-6789
//	Mexico     1, 01, 044 and 045 in front fall away: +52 1 55 … is +52 55 …
//
// The plans of 21 calling codes are an automaton that gen builds from libphonenumber's metadata: one table look-up per
// digit. Other countries' numbers are read by the library itself. The tests hold the two against each other; where they
// differ, oracle_test.go lists it with the reason.
//
// # Documents
//
// Documents are read by the rules of Options.Country and checked by its check digits. CPF and CNPJ stand alone, all
// others behind their country: "52998224725", "AR:20123456786". A row of digits that is good as a CPF and as a phone is
// what its column says. Separators (dots, hyphens, slashes, blanks) are ignored wherever they stand and however many
// they are. Lost leading zeros of a CPF (two) or CNPJ (two) are put back with a warning when the check digits then fit.
//
// # What is joined and what is kept apart
//
// A Joining value makes one prospect of all rows that carry it. A Shared value is kept and found, but joins only rows
// whose folded name is the same, or which both have none.
//
//	joined                             because
//	+55 51 8765-1234, 51 98765-1234    the ninth digit was added to every mobile by 2016
//	+52 1 55 1234 5678, 55 1234 5678   the 1 was only dialed, until 2019
//	011 15-2345-6789, +54 9 11 2345…   two ways to dial one mobile
//	+54 9 11 2345…, +54 11 2345…       with the same name: the 9 is routing, but without it the line may be an office
//	Ana@X.com, ana@x.com               no provider tells capitals apart
//	52998224725, 529.982.247-25        punctuation
//	900123456, 900.123.456-8 (CO)      the check digit follows from the number
//
//	kept apart                         because
//	a.na@gmail.com, ana@gmail.com      only some providers ignore dots; who types two forms may be two people
//	ana+feira@x.com, ana@x.com         plus parts mean something else elsewhere
//	55 41 3234-5678, 55 41 93234-5678  the first is a landline, to which no 9 was ever added
//	52 1512 345678, 52 512 345678      the 1 after 52 counts only before ten digits
//	two CNPJ of one root               two branches are two customers
//	omie:007, omie:7                   the other system decides what its ids mean
//
//	shared                             because
//	landlines, internet telephony      a switchboard has thirty colleagues behind it
//	0800, 4004, 0300                   a whole country calls them
//	contato@, vendas@, nfe@ …          data/roles.txt: a function answers, not a person
//	99999-9999                         forty people at a fair wrote it
//	123.456.789-09, XAXX010101000      right check digits, and nobody's
//
//	joining all the same               because
//	Mexico, United States, Canada …    the plans do not tell mobiles from landlines; nearly all on a list are mobiles,
//	                                   and a switchboard shows itself by its many names
//	Brazil's trunked radio (7…)        a handset has one owner
//
// Placeholder e-mails (naotem@, teste@: data/placeholder_emails.txt) are dropped with a warning.
//
// # Undecided elsewhere, decided here
//
//	54.550.752/////0001-55   accepted: separators say nothing
//	12345678909              accepted, shared, PLACEHOLDER_VALUE
//	1234567890               refused: it lost no zero
//	ana@example.com.         refused: a dot at the end is no typing aid but a wrong address
//	ana@io                   accepted: some countries receive mail at their two letters; ana@gmail is refused
//	11 9123-4567             ten digits are an old mobile and gain the 9, though a mobile that lost a digit looks the same
package identity
