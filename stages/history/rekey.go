package history

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
)

var (
	//go:embed sql/existing_keys.sql
	existingKeysSQL string
	//go:embed sql/share.sql
	shareSQL string
)

// hexKey is a key that reads as hexadecimal digits in JSON.
type hexKey key

// MarshalText implements encoding.TextMarshaler.
func (k hexKey) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, k[:]), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (k *hexKey) UnmarshalText(text []byte) error {
	raw, err := hex.DecodeString(string(text))
	if err != nil || len(raw) != len(k) {
		return fmt.Errorf("read key: not %d bytes in hexadecimal digits", len(k))
	}
	copy(k[:], raw)
	return nil
}

// named is the key of a value together with a folded name. The first half of the
// key stays: it may be that of another spelling of the value (identity.Value.Twin).
func named(i identityRow, folded string) key {
	value := i.Value
	kind := identity.Kind(i.Kind)
	if k := identity.Key(kind, value); [8]byte(k[:8]) != [8]byte(i.Key[:8]) {
		if twin := (identity.Value{Kind: kind, Canonical: value}).Twin(); twin != "" {
			value = twin
		}
	}
	k := identity.SharedKey(kind, value, folded)
	copy(k[:8], i.Key[:8])
	return k
}

// own is a key of a value that joins nobody but who carries it already: the
// second half is made of kind, value and who that is, as for the values that the
// guards dispute.
func own(i identityRow, side string) key {
	sum := sha256.Sum256([]byte(fmt.Sprintf("%d:%s\x1e%s", i.Kind, i.Value, side)))
	k := i.Key
	copy(k[8:], sum[:8])
	return k
}

// sides are the leads of a prospect in two parts.
type sides struct {
	stay, leave []*lead
}

func (s sides) keys(list []*lead) map[key]bool {
	out := map[key]bool{}
	for _, l := range list {
		for _, k := range l.Keys {
			out[k] = true
		}
	}
	return out
}

// part gives the two sides different keys for every value that both carry, so
// that nothing joins them, and returns which keys became which. Each side is
// found by the value together with its name; where that does not tell them apart,
// or somebody else is found by it, a side gets a key of its own.
func (e *engine) part(ctx context.Context, b *bundle, s sides, stayID, leaveID string) ([]rekey, error) {
	staying, leaving := s.keys(s.stay), s.keys(s.leave)
	stayName := nameOf(value(component{ID: stayID, Leads: s.stay}, e.tellers, nil).Fields)
	leaveName := nameOf(value(component{ID: leaveID, Leads: s.leave}, e.tellers, nil).Fields)
	var out []rekey
	var wanted []key
	for k := range both(staying, leaving, b.Identities) {
		i := b.Identities[k]
		r := rekey{Old: hexKey(k), Stay: hexKey(named(i, stayName)), Go: hexKey(named(i, leaveName)), Kind: i.Kind, Joins: i.Joins, Owned: b.home(i.Prospect) == stayID}
		out = append(out, r)
		wanted = append(wanted, key(r.Stay), key(r.Go))
	}
	slices.SortFunc(out, func(x, y rekey) int { return compareKeys(key(x.Old), key(y.Old)) })
	taken, err := e.existing(ctx, wanted)
	if err != nil {
		return nil, err
	}
	for n := range out {
		r := &out[n]
		old := key(r.Old)
		foreign := func(k key) bool {
			row, known := b.Identities[k]
			return taken[k] && !(known && b.home(row.Prospect) == stayID)
		}
		if k := key(r.Stay); foreign(k) || k != old && leaving[k] {
			r.Stay = hexKey(own(b.Identities[old], stayID))
		}
		if k := key(r.Go); k == key(r.Stay) || foreign(k) || staying[k] {
			r.Go = hexKey(own(b.Identities[old], leaveID))
		}
	}
	for _, r := range out {
		old := b.Identities[key(r.Old)]
		for _, to := range []struct {
			leads []*lead
			k     key
		}{{s.stay, key(r.Stay)}, {s.leave, key(r.Go)}} {
			if _, there := b.Identities[to.k]; !there {
				b.Identities[to.k] = identityRow{Key: to.k, Kind: old.Kind, Value: old.Value}
			}
			for _, l := range to.leads {
				b.replaceKeys(l, to.k, key(r.Old))
			}
		}
	}
	return out, nil
}

// both returns the keys that two sides carry, and the joining keys of values that
// both carry under any key.
func both(a, b map[key]bool, known map[key]identityRow) map[key]bool {
	values := func(keys map[key]bool) map[[8]byte]bool {
		out := map[[8]byte]bool{}
		for k := range keys {
			out[[8]byte(k[:8])] = true
		}
		return out
	}
	inA, inB := values(a), values(b)
	out := map[key]bool{}
	for _, side := range []map[key]bool{a, b} {
		for k := range side {
			row, some := known[k]
			half := [8]byte(k[:8])
			if some && (a[k] && b[k] || row.Joins && inA[half] && inB[half]) {
				out[k] = true
			}
		}
	}
	return out
}

// existing returns which of the keys are in the base.
func (e *engine) existing(ctx context.Context, keys []key) (map[key]bool, error) {
	rows, err := e.tx.Query(ctx, existingKeysSQL, e.account, keys)
	if err != nil {
		return nil, pipeline.DatabaseError("read identities", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[key])
	out := map[key]bool{}
	for _, k := range list {
		out[k] = true
	}
	return out, pipeline.DatabaseError("read identities", err)
}

// half is the first half of a key as a number.
func half(k key) int64 { return int64(binary.BigEndian.Uint64(k[:8])) }

// share remembers that the values join only together with the same name.
func (e *engine) share(ctx context.Context, keys []rekey, by schemas.ImportID) error {
	for _, r := range keys {
		if !r.Joins {
			continue
		}
		if err := e.exec(ctx, "write shared value", shareSQL, e.account, half(key(r.Old)), r.Kind, int64(by)); err != nil {
			return err
		}
	}
	return nil
}
