package identity

import "strings"

// Restore completes a value of which only kind and canonical form were kept, as in the database. It reports false when
// the text is no canonical form of that kind.
func Restore(kind Kind, canonical string) (Value, bool) {
	var v Value
	switch kind {
	case Phone:
		v, _ = ParsePhone(canonical, Options{})
	case Email:
		v, _ = ParseEmail(canonical, Options{})
	case Document:
		v, _ = ParseDocument(canonical, Options{})
	case Instagram:
		v, _ = ParseInstagram(canonical, Options{})
	case Telegram:
		v, _ = ParseTelegram(canonical, Options{})
	case External:
		system, id, ok := strings.Cut(canonical, ":")
		if !ok {
			return Value{}, false
		}
		v, _ = ParseExternal(id, system, Options{})
	}
	return v, v.Canonical == canonical && canonical != ""
}
