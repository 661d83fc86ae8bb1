package report

import "iter"

// Causes adds up the causes of rows that became no lead, the largest first, for
// callers that want Text without writing a report. The sequence is read to its
// end or first error.
func Causes(rows iter.Seq2[RefusedRow, error]) ([]Cause, error) {
	var t tally
	for row, err := range rows {
		if err != nil {
			return nil, err
		}
		t.add(row)
	}
	return t.causes(), nil
}
