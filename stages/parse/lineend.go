package parse

import "bytes"

// lineEnds names the line ends outside of quotes in a sample.
func lineEnds(text []byte) string {
	var lf, crlf, cr int
	quoted := false
	for i, c := range text {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\n':
			if i > 0 && text[i-1] == '\r' {
				crlf++
			} else {
				lf++
			}
		case c == '\r' && (i+1 == len(text) || (text[i+1] != '\n' && text[i+1] != '\r')):
			cr++
		}
	}
	switch {
	case lf+crlf+cr == 0:
		// Perhaps a quote that is never closed hides them.
		switch {
		case bytes.Contains(text, []byte("\r\n")):
			return "\r\n"
		case bytes.IndexByte(text, '\n') >= 0:
			return "\n"
		case bytes.IndexByte(text, '\r') >= 0:
			return "\r"
		}
		return ""
	case lf+crlf == 0:
		return "\r"
	case lf == 0 && cr == 0:
		return "\r\n"
	case crlf == 0 && cr == 0:
		return "\n"
	}
	return "mixed"
}
