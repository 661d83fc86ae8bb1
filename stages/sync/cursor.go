package sync

import (
	"fmt"
	"time"

	"github.com/bateia/bateia/pipeline/omie"
)

// step is what a sync does next.
type step string

const (
	stepNudge   step = "nudge"   // a call that must succeed
	stepFirst   step = "first"   // the first page, which says how many there are
	stepEarly   step = "early"   // names of sellers that the first page shows
	stepPages   step = "pages"   // from the last to the second
	stepAgain   step = "again"   // the first page once more
	stepTail    step = "tail"    // what changed since the reading began
	stepLookup  step = "lookup"  // records by their ids
	stepSellers step = "sellers" // names of sellers that are not known yet
	stepDone    step = "done"
)

// Cursor is how far a sync is. It is stored with every page.
type Cursor struct {
	Prefix string    `json:"prefix"` // of the objects of pages
	Step   step      `json:"step"`
	Round  int       `json:"round"` // readings of the list, from 1
	Size   int       `json:"size"`  // of a page, as it is asked for
	Began  time.Time `json:"began"` // of this reading
	Pages  int       `json:"pages"` // of the list, as its first page said
	Total  int       `json:"total"` // records of it, as the last answer said
	Next   int       `json:"next"`  // page that is asked for next, in stepPages
	Tailed bool      `json:"tailed,omitempty"`
	// Verified says that a reading was complete, Empty that the first answer was
	// that there is nothing.
	Verified bool             `json:"verified,omitempty"`
	Empty    bool             `json:"empty,omitempty"`
	Lookup   []int64          `json:"lookup,omitempty"` // ids that are still to be asked for
	Gone     []int64          `json:"gone,omitempty"`
	Sellers  map[int64]string `json:"sellers,omitempty"` // that were read in this sync
	Stored   []storedPage     `json:"stored,omitempty"`
	Calls    int              `json:"calls"`
	Restarts int              `json:"restarts,omitempty"` // because the list moved
	// Adopted says that an earlier sync stored the pages, perhaps with another key
	// pair: whether that is of the same company is still to be asked.
	Adopted bool `json:"adopted,omitempty"`
}

// storedPage is a page that lies in the bucket.
type storedPage struct {
	Name   string `json:"n"`
	Round  int    `json:"r"`
	Page   int    `json:"p"`           // 0 for answers that are no page of the list
	Rows   int    `json:"c"`           // records on it
	First  int64  `json:"f"`           // id of its first record
	Sorted bool   `json:"s,omitempty"` // by their ids
}

// maxRounds is how often a list is read at most until it holds still.
const maxRounds = 3

// pageSizes are asked for in turn when Omie loses its answers.
var pageSizes = []int{500, 200, 100, 50}

func describe(name string, round, page int, rows []omie.Customer) storedPage {
	p := storedPage{Name: name, Round: round, Page: page, Rows: len(rows), Sorted: true}
	for i, c := range rows {
		if i == 0 {
			p.First = int64(c.ID)
		} else if c.ID < rows[i-1].ID {
			p.Sorted = false
		}
	}
	return p
}

// name is that of the next object: the number makes it unique.
func (c *Cursor) name(kind string) string {
	return fmt.Sprintf("%05d-%d-%s.json.zst", len(c.Stored)+1, c.Round, kind)
}

// again begins the list anew. The page is smaller by one each time, so that no
// call is one of the last minute.
func (c *Cursor) again(now time.Time, size int) {
	c.Round++
	c.Step, c.Size, c.Began, c.Pages, c.Total, c.Next, c.Tailed = stepFirst, size, now, 0, 0, 0, false
}

// ordered reports whether the pages of this reading are in the order of their
// ids: then what comes new stands at the end and moves nothing.
func (c *Cursor) ordered() bool {
	firsts := map[int]int64{}
	for _, p := range c.Stored {
		if p.Round != c.Round || p.Page == 0 || p.Rows == 0 {
			continue
		}
		if !p.Sorted {
			return false
		}
		firsts[p.Page] = p.First
	}
	for page := 2; page <= c.Pages; page++ {
		if before, some := firsts[page-1]; some && firsts[page] != 0 && firsts[page] < before {
			return false
		}
	}
	return true
}
