package pipeline

// Fingerprint makes keyed hashes of identity keys with one of the secret keys, for
// one account.
type Fingerprint struct {
	KeyID int32 // which secret key, as table suppressions has it
	Sum   func(key [16]byte) [32]byte
}

// Fingerprints returns the hashes of an account, that of the newest secret key
// first: it writes, the others only recognize.
type Fingerprints func(account int32) ([]Fingerprint, error)
