// Package survivorship decides which of the values that were ever said of a
// prospect is its value. It is the definition: resolve computes the same step
// by step while data arrives, undo and the decisions of people compute it again
// from what remains, and "bateia prospect" shows it with what lost.
//
// A statement is what one row said of the prospect. Fold takes the statements
// import by import, as they were applied, and within an import they are one voice:
//
//   - An identity field (Field.Kind not 0) says the value of the lowest row. It is
//     set when there is none yet, and replaced only by a row that named its
//     prospect by id: the lowest such row of the import. Its rank decides nothing,
//     so Ranks leaves it out. Clearing leaves identities alone.
//   - The name is one value of three fields, name, first_name and last_name: those
//     of the last row that states any of them. It wins, loses, is cleared and has
//     its rank as a whole, under "name"; the parts which the winner does not
//     state are blank.
//   - Every other field says the value of the last row that states it. With Clear,
//     a field that the import fills says what the last row says, blank too; the
//     name is blank then when no row states any part of it.
//   - An extra field says the last value that is not null.
//
// What an import says, with the rank of the row that says it, replaces the value
// by the import's rule: under source_rank when there is none or the rank is at
// least that of the value, under incoming_wins always, under existing_wins and
// fill_only when there is none. Saying the same again is saying it: the value then
// has the later row and its rank. A blank that clears obeys the same rule, and
// leaves a field without rank.
//
// An ERP sends whole records, so of it only changes count (Policy.Changes): what
// equals the voice of the last import of the same source that spoke of the
// prospect counts as not said. A later change there wins over an older edit by
// hand, a record that came along unchanged does not.
//
// An owner that is still to be drawn ("distribution:…") fills a blank and never
// replaces anyone; who drew stands in the table draws. A row that asked when nobody
// could be drawn, or whose draw stayed with another prospect, gives no owner (Drawn).
package survivorship
