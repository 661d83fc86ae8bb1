package history

import (
	"crypto/md5"
	"encoding/binary"
	"slices"

	"github.com/bateia/bateia/schemas"
)

// maxNameHashes is how many different names an identity remembers.
const maxNameHashes = schemas.MostNames

// NameHash is the hash of a folded name that identities keep: what DuckDB calls
// md5_number_lower, as a signed number, whose bytes are the last eight, the lowest
// one first.
func NameHash(folded string) int64 {
	sum := md5.Sum([]byte(folded))
	return int64(binary.LittleEndian.Uint64(sum[8:]))
}

// addName appends the hash of a name to those that an identity was seen with.
func addName(hashes []int64, folded string) []int64 {
	if folded == "" {
		return hashes
	}
	return joinNames(hashes, []int64{NameHash(folded)})
}

// joinNames appends hashes that are not there yet, as long as there is room.
func joinNames(hashes, more []int64) []int64 {
	for _, h := range more {
		if len(hashes) < maxNameHashes && !slices.Contains(hashes, h) {
			hashes = append(hashes, h)
		}
	}
	return hashes
}
