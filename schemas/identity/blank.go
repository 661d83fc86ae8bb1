package identity

import (
	_ "embed"
	"strings"
)

// blankWords are the spellings of "there is none", folded by FoldName, one per line.
//
//go:embed data/blank.txt
var blankWords string

var blanks = wordSet(blankWords)

// longestBlank bounds the texts that are worth folding.
var longestBlank = func() (n int) {
	for w := range blanks {
		n = max(n, len(w))
	}
	return n
}()

// Blank reports whether an identity cell says that there is no value: it is empty, holds only punctuation or zeros, or
// one of the spellings in data/blank.txt, in any case, with or without accents. It is meant for phones, e-mails,
// documents and handles; an amount of 0 is not blank.
func Blank(text string) bool {
	letters, zeros := false, true
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '0':
		case c > '0' && c <= '9':
			return false
		case c >= 0x80, c|0x20 >= 'a' && c|0x20 <= 'z':
			letters = true
			zeros = false
		}
	}
	if !letters {
		return zeros
	}
	if len(text) > 4*longestBlank {
		return false
	}
	folded := FoldName(text)
	if folded == "" {
		// Letters of no script remained: dashes, dots and pictures beyond ASCII. A lone broken byte is no value either.
		return true
	}
	_, ok := blanks[folded]
	return ok
}

// wordSet is the set of the entries of a data file.
func wordSet(file string) map[string]struct{} {
	set := map[string]struct{}{}
	for _, w := range words(file) {
		set[w] = struct{}{}
	}
	return set
}

// words reads a data file: one entry per line, comments from # to the end of the line.
func words(file string) (list []string) {
	for line := range strings.Lines(file) {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, line)
		}
	}
	return list
}
