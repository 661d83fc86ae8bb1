package identity

import (
	"strings"
	"unicode/utf8"
)

// Limits of handles and external ids.
const (
	maxInstagram = 30
	minTelegram  = 4
	maxTelegram  = 32
	maxSystem    = 32
	maxExternal  = 200
)

// ParseInstagram reads an Instagram user name, with the rules of ParsePhone for blanks and problems.
func ParseInstagram(text string, o Options) (Value, *Problem) {
	return single(AppendInstagram(nil, nil, text, &o))
}

// AppendInstagram appends the Instagram user name in the cell, written with or without @ or as the address of a
// profile. The canonical form is in lower case, without @.
func AppendInstagram(dst []Value, problems []Problem, text string, _ *Options) ([]Value, []Problem) {
	if Blank(text) {
		return dst, problems
	}
	name := handle(text, "instagram.com/", "instagr.am/")
	if !validInstagram(name) || Blank(name) {
		return dst, refuse(problems, CodeIdentifierInvalid)
	}
	return append(dst, Value{Kind: Instagram, Canonical: intern([]byte(name)), Strength: Joining}), problems
}

// validInstagram: letters, digits, underscores and dots; no dot at either end, no two in a row. Paths of the site that
// are not profiles are refused.
func validInstagram(name string) bool {
	switch name {
	case "", "p", "reel", "reels", "stories", "explore", "tv", "accounts", "direct":
		return false
	}
	if len(name) > maxInstagram || name[0] == '.' || name[len(name)-1] == '.' || strings.Contains(name, "..") {
		return false
	}
	for i := range len(name) {
		if c := name[i]; !(c >= 'a' && c <= 'z' || isDigit(c) || c == '_' || c == '.') {
			return false
		}
	}
	return true
}

// ParseTelegram reads a Telegram user name or numeric id, with the rules of ParsePhone for blanks and problems.
func ParseTelegram(text string, o Options) (Value, *Problem) {
	return single(AppendTelegram(nil, nil, text, &o))
}

// AppendTelegram appends the Telegram user name or numeric id in the cell. User names are in lower case, without @;
// they start with a letter, so that an id is never taken for one.
func AppendTelegram(dst []Value, problems []Problem, text string, _ *Options) ([]Value, []Problem) {
	if Blank(text) {
		return dst, problems
	}
	name := handle(text, "t.me/", "telegram.me/", "telegram.dog/")
	name = strings.TrimPrefix(name, "s/")
	if !validTelegram(name) || Blank(name) {
		return dst, refuse(problems, CodeIdentifierInvalid)
	}
	return append(dst, Value{Kind: Telegram, Canonical: intern([]byte(name)), Strength: Joining}), problems
}

func validTelegram(name string) bool {
	if name == "" {
		return false
	}
	if isAllDigits(name) {
		return name[0] != '0' && len(name) >= 5 && len(name) <= 16
	}
	if len(name) < minTelegram || len(name) > maxTelegram || name[0] < 'a' || name[0] > 'z' || name[len(name)-1] == '_' {
		return false
	}
	for i := range len(name) {
		if c := name[i]; !(c >= 'a' && c <= 'z' || isDigit(c) || c == '_') {
			return false
		}
	}
	return true
}

// handle takes a user name out of @name, a profile's address or the bare name, in lower case.
func handle(text string, sites ...string) string {
	if len(text) > 400 {
		return ""
	}
	s := strings.ToLower(strings.TrimSpace(plain(text)))
	for _, site := range sites {
		at := strings.Index(s, site)
		if at < 0 || at > 0 && s[at-1] != '/' && s[at-1] != '.' {
			continue
		}
		s = s[at+len(site):]
		if end := strings.IndexAny(s, "?#"); end >= 0 {
			s = s[:end]
		}
		s = strings.TrimPrefix(s, "s/")
		s, _, _ = strings.Cut(s, "/")
		break
	}
	s = strings.TrimPrefix(strings.TrimSpace(s), "@")
	return strings.TrimSpace(s)
}

// ParseExternal reads an id of another system, with the rules of ParsePhone for blanks and problems.
func ParseExternal(text, system string, o Options) (Value, *Problem) {
	return single(AppendExternal(nil, nil, text, system, &o))
}

// AppendExternal appends the id that a record has in another system. The canonical form is system ":" id, the system
// in lower case, the id as it is but for blanks around it: 007 and 7 may be two customers. An id in scientific notation
// is refused, since several ids look the same that way.
func AppendExternal(dst []Value, problems []Problem, text, system string, _ *Options) ([]Value, []Problem) {
	id := strings.TrimSpace(text)
	if Blank(id) && !isAllDigits(id) || id == "" || id == "0" {
		return dst, problems
	}
	system = strings.ToLower(strings.TrimSpace(system))
	if system == "" {
		system = "external"
	}
	valid := len(system) <= maxSystem && len(id) <= maxExternal && !isScientific(strings.ToLower(id))
	for i := 0; valid && i < len(system); i++ {
		c := system[i]
		valid = c >= 'a' && c <= 'z' || isDigit(c) || c == '_' || c == '-' || c == '.'
	}
	for i := 0; valid && i < len(id); i++ {
		valid = id[i] >= ' ' && id[i] != 0x7F
	}
	if !valid || !utf8.ValidString(id) {
		return dst, refuse(problems, CodeIdentifierInvalid)
	}
	var stack [maxSystem + 1 + maxExternal]byte
	b := append(stack[:0], system...)
	b = append(b, ':')
	b = append(b, id...)
	canonical := intern(b)
	return append(dst, Value{Kind: External, Canonical: canonical, Strength: Joining, Sub: canonical[:len(system)]}), problems
}
