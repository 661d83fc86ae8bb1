package identity

import (
	_ "embed"
	"strings"
)

// phoneLabels are words that stand beside a number and say nothing about it.
//
//go:embed data/phone_labels.txt
var phoneLabelWords string

var phoneLabels = wordSet(phoneLabelWords)

// shortestNumber is how many digits a piece of a cell needs to count as a number of its own.
const shortestNumber = 7

// separateNumbers finds the numbers of a cell that stand between separators, each long enough to be one. It returns
// nil when there is one at most. A slash or a comma with less on one side is punctuation of a single number.
func separateNumbers(s string) []string {
	s = separators.Replace(s)
	for _, separator := range []string{";", "/"} {
		if parts := numberParts(strings.Split(s, separator)); parts != nil {
			return parts
		}
	}
	return nil
}

var separators = strings.NewReplacer(" ou ", ";", " e ", ";", " y ", ";", " o ", ";", " and ", ";", " or ", ";",
	"&", ";", "|", ";", "\n", ";", "\r", ";", ",", ";", ";ext=", ";ext=", ";phone-context=", ";phone-context=")

// numberParts returns the pieces that have digits, when at least two of them can be numbers.
func numberParts(pieces []string) []string {
	long := 0
	for _, piece := range pieces {
		if countDigits(piece) >= shortestNumber {
			long++
		}
	}
	if long < 2 {
		return nil
	}
	var parts []string
	for _, piece := range pieces {
		if countDigits(piece) > 0 {
			parts = append(parts, strings.TrimSpace(piece))
		}
	}
	return parts
}

// gluedNumbers finds several numbers in a cell that cannot be read as one though no separator divides it: each starts
// with a plus sign or a bracket, only blanks lie between, or the second is given by its last digits (3333-1234/35).
func gluedNumbers(s string, o *Options) []string {
	if strings.Count(s, "+") > 1 {
		return numberParts(strings.Split(strings.ReplaceAll(s, "+", ";+"), ";"))
	}
	if parts := otherEnding(s, o); parts != nil {
		return parts
	}
	return splitBlanks(strings.Fields(spacing.Replace(s)), o)
}

var spacing = strings.NewReplacer(" - ", " ", "(", " (")

// otherEnding reads "51 3333-1234/35" as 3333-1234 and 3333-1235.
func otherEnding(s string, o *Options) []string {
	number, ending, ok := strings.Cut(s, "/")
	number, ending = strings.TrimSpace(number), strings.TrimSpace(ending)
	if !ok || ending == "" || len(ending) > 4 || !isAllDigits(ending) || len(number) <= len(ending) {
		return nil
	}
	stem := number[:len(number)-len(ending)]
	if !isAllDigits(number[len(stem):]) {
		return nil
	}
	if _, _, code := readPart(number, o); code != "" {
		return nil
	}
	return []string{number, stem + ending}
}

// maxFields bounds the divisions that are tried.
const maxFields = 16

// splitBlanks divides fields into runs that are all numbers, the first number as long as possible. A number behind
// another may lack the area code.
func splitBlanks(fields []string, o *Options) []string {
	if len(fields) < 2 || len(fields) > maxFields {
		return nil
	}
	for i := len(fields) - 1; i > 0; i-- {
		head := strings.Join(fields[:i], " ")
		if digits := countDigits(head); digits < shortestNumber || digits >= maxDigits {
			continue
		}
		values, _, code := readPart(head, o)
		if code != "" {
			continue
		}
		rest := *o
		if rest.AreaCode == "" {
			rest.AreaCode = areaOf(values[0])
		}
		tail := strings.Join(fields[i:], " ")
		if _, _, code := readPart(tail, &rest); code == "" {
			return []string{head, tail}
		}
		if more := splitBlanks(fields[i:], &rest); more != nil {
			return append([]string{head}, more...)
		}
	}
	return nil
}
