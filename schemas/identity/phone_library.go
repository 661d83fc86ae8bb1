package identity

import (
	"errors"

	"github.com/nyaruka/phonenumbers"
)

// readLibrary reads digits that start with a calling code that has no table.
func (n *number) readLibrary(digits []byte) string {
	if len(digits) > 17 {
		return CodePhoneTooLong
	}
	return n.ask("+"+string(digits), "ZZ")
}

// readForeignHome reads digits without a plus sign for an account whose country has no table.
func (n *number) readForeignHome(digits []byte, o *Options) string {
	if len(digits) > 17 {
		return CodePhoneTooLong
	}
	code := n.ask(string(digits), o.country())
	if code == "" || len(digits) < 7 {
		return code
	}
	for _, area := range []string{o.AreaCode, o.DefaultAreaCode} {
		if area != "" && n.ask(area+string(digits), o.country()) == "" {
			n.areaAssumed = area != o.AreaCode
			return ""
		}
	}
	if len(digits) >= 10 && n.readPlus(digits, nil) == "" {
		return ""
	}
	return code
}

// ask lets the library decide.
func (n *number) ask(text, region string) string {
	parsed, err := phonenumbers.Parse(text, region)
	switch {
	case errors.Is(err, phonenumbers.ErrInvalidCountryCode):
		return CodePhoneCountryInvalid
	case errors.Is(err, phonenumbers.ErrNumTooLong):
		return CodePhoneTooLong
	case errors.Is(err, phonenumbers.ErrTooShortNSN), errors.Is(err, phonenumbers.ErrTooShortAfterIDD):
		return CodePhoneTooShort
	case err != nil:
		return CodePhoneMalformed
	}
	if !phonenumbers.IsValidNumber(parsed) {
		switch phonenumbers.IsPossibleNumberWithReason(parsed) {
		case phonenumbers.TOO_SHORT:
			return CodePhoneTooShort
		case phonenumbers.TOO_LONG:
			return CodePhoneTooLong
		case phonenumbers.IS_POSSIBLE_LOCAL_ONLY:
			return CodePhoneLocalOnly
		case phonenumbers.INVALID_COUNTRY_CODE:
			return CodePhoneCountryInvalid
		}
		return CodePhoneInvalid
	}
	n.plan = nil
	n.e164 = phonenumbers.Format(parsed, phonenumbers.E164)
	n.n = copy(n.national[:], phonenumbers.GetNationalSignificantNumber(parsed))
	n.region = phonenumbers.GetRegionCodeForNumber(parsed)
	if len(n.region) != 2 { // satellite and international networks
		n.region = ""
	}
	n.line = libraryLine(phonenumbers.GetNumberType(parsed))
	return ""
}

func libraryLine(t phonenumbers.PhoneNumberType) lineType {
	switch t {
	case phonenumbers.FIXED_LINE:
		return lineFixed
	case phonenumbers.MOBILE:
		return lineMobile
	case phonenumbers.FIXED_LINE_OR_MOBILE:
		return lineFixedOrMobile
	case phonenumbers.TOLL_FREE:
		return lineTollFree
	case phonenumbers.PREMIUM_RATE:
		return linePremium
	case phonenumbers.SHARED_COST:
		return lineSharedCost
	case phonenumbers.VOIP:
		return lineVoIP
	case phonenumbers.PERSONAL_NUMBER:
		return linePersonal
	case phonenumbers.PAGER:
		return linePager
	case phonenumbers.UAN:
		return lineUAN
	case phonenumbers.VOICEMAIL:
		return lineVoicemail
	}
	return lineNone
}
