package schemas

// ReplayRequest is what is asked of an import that takes up the rows that another
// one refused.
type ReplayRequest struct {
	Code string `json:"code,omitempty"` // only rows with this code; "" for all
}

// ReplayFacts is which rows a replay took up.
type ReplayFacts struct {
	Rows int64 `json:"rows"`
	// SHA256 is over their numbers in order, in decimal with commas between them:
	// before the replay is applied the same rows must be open still.
	SHA256 string `json:"sha256"`
}
