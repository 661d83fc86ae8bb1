package schemas

import "time"

// States of a connection.
const (
	ConnectionValid        = "valid"
	ConnectionInvalid      = "invalid"      // the key pair was refused; nothing is scheduled
	ConnectionDisconnected = "disconnected" // by a person
)

// Connection is a company at Omie whose customers are read.
type Connection struct {
	ID      int32
	Account int32
	Name    string
	AppKey  string
	// Sealed holds the app secret and the webhook's, see package sealed.
	Sealed      []byte
	State       string
	Code        string // why it is invalid
	Settings    ConnectionSettings
	Watermark   time.Time // newest change that is applied; zero asks for all
	LastSuccess time.Time // zero before the first
	LastFull    time.Time
	EmptyRuns   int // syncs in a row whose first answer was that there is nothing
	Runs        int64
	Sellers     map[int64]string // name by code, as last read
	Import      ImportID         // the last sync, 0 before the first
	NextRun     time.Time        // by the schedule; zero when it has none
	Due         time.Time        // when it is looked at again, for a signal or NextRun; zero for never
	Told        string           // the trouble that people were told of last
	CreatedAt   time.Time
}

// ConnectionSettings are what "omie connect" may choose. Zero means default.
type ConnectionSettings struct {
	Every           string   `json:"every,omitempty"`      // 15m, or a cron expression in the account's timezone; "" is 15m
	FullEvery       string   `json:"full_every,omitempty"` // "" is 7d
	List            string   `json:"list,omitempty"`       // that the prospects are put on
	Tags            []string `json:"tags,omitempty"`       // records with one of these; default all but suppliers and carriers
	IncludeInactive bool     `json:"include_inactive,omitempty"`
	HoldFirst       bool     `json:"hold_first,omitempty"` // the first sync stops at ready
}

// SyncRequest is what one sync reads. It is pinned with the import, so that a
// plan made again reads the same.
type SyncRequest struct {
	ConnectionID    int32     `json:"connection_id"`
	Full            bool      `json:"full,omitempty"`
	Since           time.Time `json:"since,omitzero"` // lower bound of changes, zero for all
	IDs             []int64   `json:"ids,omitempty"`  // only these: what webhooks named
	Tags            []string  `json:"tags,omitempty"` // as ConnectionSettings
	IncludeInactive bool      `json:"include_inactive,omitempty"`
	HoldFirst       bool      `json:"hold_first,omitempty"`
	// Nudge is true when too many syncs in a row found nothing: an answer without
	// records counts as an error at Omie, so a call that must succeed comes first.
	Nudge bool `json:"nudge,omitempty"`
}

// SyncFacts is what a sync learnt beside its rows. It is stored with the import.
type SyncFacts struct {
	Calls     int       `json:"calls"`
	Pages     int       `json:"pages"`
	Records   int64     `json:"records"` // distinct ones
	Verified  bool      `json:"verified"`
	Watermark time.Time `json:"watermark,omitzero"` // to be the connection's; zero leaves it as it is
	// Gone are known records that Omie has no more.
	Gone []int64 `json:"gone,omitempty"`
	// Inactive are records that were loaded though they are inactive there.
	Inactive []int64          `json:"inactive,omitempty"`
	Empty    bool             `json:"empty,omitempty"` // the first answer was that there is nothing
	Sellers  map[int64]string `json:"sellers,omitempty"`
}

// SeenRecord is a record that a sync loaded.
type SeenRecord struct {
	ID           int64 `json:"id"`
	DocumentHash int64 `json:"document_hash,omitempty"` // 0 without a document
	Inactive     bool  `json:"inactive,omitempty"`
}
