package sync

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/omie"
	"github.com/bateia/bateia/schemas"
)

const (
	// clockSkew is how far Omie's clock may be from ours.
	clockSkew = time.Minute
	// lookupSize is how many records are asked for by their ids at once.
	lookupSize = 50
	// sellerPage is the page size of the list of sellers.
	sellerPage = 500
)

// walk asks for what a sync has to read, one call after the other.
type walk struct {
	source  Source
	request *schemas.SyncRequest
	known   map[int64]bool   // records that were loaded before; false for those that are gone
	sellers map[int64]string // names of sellers, as far as they are known
	now     func() time.Time
	wait    func(context.Context, time.Duration) error
	until   time.Time // no call begins after it
	cursor  *Cursor
	// add takes the records of an answer up.
	add func([]omie.Customer)
	// seen are the records that were taken up; forget takes all of them back.
	seen     func() map[int64]entry
	forget   func()
	store    func(ctx context.Context, c commit) error
	progress func(records, total int)
	worked   bool
}

// commit is an answer to be stored, with how far the sync is then.
type commit struct {
	name   string // "" when there is nothing but the cursor
	rows   []omie.Customer
	cursor json.RawMessage
}

// run walks on until the cursor says that all is done.
func (w *walk) run(ctx context.Context) error {
	steps := map[step]func(context.Context) error{
		stepNudge: w.nudge, stepFirst: w.first, stepEarly: w.earlySellers, stepPages: w.page, stepAgain: w.again, stepTail: w.tail,
		stepLookup: w.lookup, stepSellers: w.lastSellers,
	}
	if w.cursor.Adopted {
		if err := w.checkCompany(ctx); err != nil {
			return err
		}
	}
	for w.cursor.Step != stepDone {
		if !w.until.IsZero() && !w.now().Before(w.until) {
			return &pipeline.Error{Op: "read customers", Kind: pipeline.KindBusy, Wait: time.Second, Err: errors.New("the time of one job is used up")}
		}
		do := steps[w.cursor.Step]
		if do == nil {
			return &pipeline.Error{Op: "read customers", Kind: pipeline.KindPermanent, Code: "INTERNAL", Err: fmt.Errorf("there is no step %q", w.cursor.Step)}
		}
		if err := w.restart(do(ctx)); err != nil {
			return err
		}
		w.progress(len(w.seen()), w.cursor.Total)
	}
	return nil
}

// restart turns the errors that ask for another reading of the list into one, as
// often as that may help.
func (w *walk) restart(err error) error {
	c := w.cursor
	switch {
	case errors.Is(err, errShrink):
		i := slices.IndexFunc(pageSizes, func(size int) bool { return size < c.Size-maxRounds })
		if i < 0 {
			return err
		}
		c.again(w.now(), pageSizes[i])
		return nil
	case errors.Is(err, errMoved):
		if c.Restarts++; c.Restarts >= maxRounds {
			return incomplete("it changed each time it was read")
		}
		c.again(w.now(), c.Size-1)
		return nil
	}
	return err
}

func incomplete(why string) error {
	return &pipeline.Error{Op: "read customers", Kind: pipeline.KindPermanent, Code: "OMIE_INCOMPLETE", Err: errors.New("the list is not complete: " + why),
		Hint: "Nothing was written; the next sync reads it again."}
}

// customers makes one call.
func (w *walk) customers(ctx context.Context, r omie.ListRequest) (omie.Page[omie.Customer], error) {
	return ask(ctx, w.worked, w.wait, func(ctx context.Context) (omie.Page[omie.Customer], error) {
		w.cursor.Calls++
		p, err := w.source.Customers(ctx, r)
		if err == nil && len(r.IDs) == 0 && p.Number != 0 && p.Number != r.Page {
			err = &pipeline.Error{Op: "read customers", Kind: pipeline.KindTransient, Code: "OMIE_UNEXPECTED", Err: errors.New("another page came than the one asked for")}
		}
		w.worked = w.worked || err == nil || classOf(err) == omie.ClassEmpty
		return p, err
	})
}

// keep stores an answer that was taken up; the cursor stands on what comes after.
func (w *walk) keep(ctx context.Context, kind string, page int, rows []omie.Customer, next step) error {
	c := w.cursor
	name := ""
	if len(rows) > 0 {
		name = c.name(kind)
		c.Stored = append(c.Stored, describe(name, c.Round, page, rows))
	}
	c.Step = next
	data, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode cursor: %w", err)
	}
	return w.store(ctx, commit{name, rows, data})
}

// checkCompany asks for some of the records that an earlier sync read. When they are
// another company's, what it read is forgotten and the list begun anew.
func (w *walk) checkCompany(ctx context.Context) error {
	c, seen := w.cursor, w.seen()
	ids := slices.Sorted(maps.Keys(seen))
	ids = ids[:min(len(ids), lookupSize)]
	if len(ids) > 0 {
		asked, rows, err := w.byID(ctx, ids)
		if err != nil {
			return err
		}
		ids = asked
		alike := 0
		for i := range rows {
			if e, some := seen[int64(rows[i].ID)]; some && e.alike(&rows[i]) {
				alike++
			}
		}
		if 2*alike < len(ids) {
			w.forget()
			c.Stored, c.Lookup, c.Gone, c.Sellers, c.Verified, c.Empty = nil, nil, nil, nil, false, false
			c.again(w.now(), c.Size-1)
		}
	}
	c.Adopted = false
	return nil
}

// nudge makes a call that succeeds when the company has any customer.
func (w *walk) nudge(ctx context.Context) error {
	_, err := w.customers(ctx, omie.ListRequest{Page: 1, PageSize: 1})
	if err != nil && classOf(err) != omie.ClassEmpty {
		return err
	}
	w.cursor.Step = stepFirst
	return nil
}

// first asks for the first page. A list of one page is complete with it.
func (w *walk) first(ctx context.Context) error {
	c := w.cursor
	p, err := w.customers(ctx, omie.ListRequest{Page: 1, PageSize: c.Size, Since: w.request.Since})
	if classOf(err) == omie.ClassEmpty {
		c.Empty, c.Verified = c.Round == 1, true
		return w.keep(ctx, "first", 1, nil, w.listed())
	}
	if err != nil {
		return err
	}
	c.Total, c.Pages = p.Total, p.Pages
	if n := len(p.Rows); n > 0 && n < p.Total {
		// The number of pages is what the page in hand says, whatever was counted.
		c.Pages = max(c.Pages, (p.Total+n-1)/n)
	}
	w.add(p.Rows)
	if c.Pages > 1 {
		c.Next = c.Pages
		next := stepPages
		if len(w.missingSellers()) > 0 {
			next = stepEarly
		}
		return w.keep(ctx, "page", 1, p.Rows, next)
	}
	c.Verified = true
	return w.keep(ctx, "page", 1, p.Rows, w.listed())
}

// page asks for the pages from the last to the second.
func (w *walk) page(ctx context.Context) error {
	c := w.cursor
	r := omie.ListRequest{Page: c.Next, PageSize: c.Size, Since: w.request.Since}
	p, err := w.customers(ctx, r)
	if err == nil && w.repeated(p.Rows) {
		p, err = w.customers(ctx, r) // a page that came before, in the place of this one
	}
	if classOf(err) == omie.ClassEmpty {
		return errMoved
	}
	if err != nil {
		return err
	}
	w.add(p.Rows)
	c.Next--
	next := stepPages
	if c.Next < 2 {
		next = stepAgain
	}
	return w.keep(ctx, "page", c.Next+1, p.Rows, next)
}

// repeated reports whether every record of a page was on one before, as it is now.
func (w *walk) repeated(rows []omie.Customer) bool {
	seen := w.seen()
	for i := range rows {
		if e, ok := seen[int64(rows[i].ID)]; !ok || !e.changed.Equal(changedAt(&rows[i])) {
			return false
		}
	}
	return len(rows) > 0 && w.cursor.Round == 1
}

// again asks for the first page once more: what was deleted moved records to it.
func (w *walk) again(ctx context.Context) error {
	c := w.cursor
	p, err := w.customers(ctx, omie.ListRequest{Page: 1, PageSize: c.Size, Since: w.request.Since, Again: true})
	if classOf(err) == omie.ClassEmpty {
		return errMoved
	}
	if err != nil {
		return err
	}
	c.Total = p.Total
	w.add(p.Rows)
	next := stepTail
	if w.request.Since.IsZero() && c.ordered() && w.complete() {
		c.Verified = true
		next = w.listed()
	}
	return w.keep(ctx, "again", 0, p.Rows, next)
}

// complete reports whether as many records were read as the list has.
func (w *walk) complete() bool { return len(w.seen()) >= w.cursor.Total }

// tail asks what changed since the reading began. When that may have moved
// records, the list is read again.
func (w *walk) tail(ctx context.Context) error {
	c := w.cursor
	p, err := w.customers(ctx, omie.ListRequest{Page: 1, PageSize: c.Size, Since: c.Began.Add(-clockSkew)})
	if err != nil && classOf(err) != omie.ClassEmpty {
		return err
	}
	c.Tailed = true
	w.add(p.Rows)
	quiet := len(p.Rows) == 0
	if w.request.Since.IsZero() && c.ordered() {
		quiet = p.Pages <= 1 // what is new was at the end, and is here
	}
	c.Verified = quiet && w.complete()
	next := w.listed()
	switch {
	case c.Verified:
	case c.Round < maxRounds:
		if err := w.keep(ctx, "tail", 0, p.Rows, stepFirst); err != nil {
			return err
		}
		c.again(w.now(), c.Size-1)
		return nil
	case !w.complete():
		return incomplete("records are missing that it counts")
	}
	return w.keep(ctx, "tail", 0, p.Rows, next)
}

// listed is what comes after the list: known records that it did not show, when
// all were to be read and the reading was complete.
func (w *walk) listed() step {
	c := w.cursor
	if w.request.Full && c.Verified {
		seen := w.seen()
		for id, there := range w.known {
			if _, shown := seen[id]; there && !shown {
				c.Lookup = append(c.Lookup, id)
			}
		}
		slices.Sort(c.Lookup)
	}
	return stepLookup
}

// lookup asks for records by their ids; those that do not come are gone.
func (w *walk) lookup(ctx context.Context) error {
	c := w.cursor
	n := min(lookupSize, len(c.Lookup))
	if n == 0 {
		return w.keep(ctx, "lookup", 0, nil, stepSellers)
	}
	ids, rows, err := w.byID(ctx, c.Lookup[:n])
	if err != nil {
		return err
	}
	came := map[int64]bool{}
	for _, r := range rows {
		came[int64(r.ID)] = true
	}
	for _, id := range ids {
		if !came[id] && w.known[id] {
			c.Gone = append(c.Gone, id)
		}
	}
	w.add(rows)
	c.Lookup = c.Lookup[len(ids):]
	next := stepLookup
	if len(c.Lookup) == 0 {
		next = stepSellers
	}
	return w.keep(ctx, "lookup", 0, rows, next)
}

// byID asks for records by their ids: for all of them or, when a page does not hold
// so many, for the first ones. It returns which were asked for, and those that came.
func (w *walk) byID(ctx context.Context, ids []int64) (asked []int64, rows []omie.Customer, err error) {
	for {
		p, err := w.customers(ctx, omie.ListRequest{Page: 1, PageSize: w.cursor.Size, IDs: ids})
		if err != nil && classOf(err) != omie.ClassEmpty {
			return nil, nil, err
		}
		if n := len(p.Rows); n > 0 && n < p.Total && n < len(ids) {
			ids = ids[:n]
			continue
		}
		return ids, slices.DeleteFunc(p.Rows, func(c omie.Customer) bool { return !slices.Contains(ids, int64(c.ID)) }), nil
	}
}

// earlySellers asks for the names of sellers when the first page names one that is
// not known: the pages that follow can be read as they come then.
func (w *walk) earlySellers(ctx context.Context) error { return w.readSellers(ctx, stepPages) }

// lastSellers asks for those that only later pages name.
func (w *walk) lastSellers(ctx context.Context) error { return w.readSellers(ctx, stepDone) }

// readSellers asks for the names of sellers when one is not known. A seller that
// the list does not have is noted without a name, so that it is not asked for each
// time.
func (w *walk) readSellers(ctx context.Context, next step) error {
	c := w.cursor
	missing := w.missingSellers()
	if len(missing) == 0 {
		return w.keep(ctx, "sellers", 0, nil, next)
	}
	// Not the map that pages were read with.
	read := maps.Clone(c.Sellers)
	if read == nil {
		read = map[int64]string{}
	}
	for page, pages := 1, 1; page <= pages; page++ {
		p, err := ask(ctx, w.worked, w.wait, func(ctx context.Context) (omie.Page[omie.Seller], error) {
			c.Calls++
			return w.source.Sellers(ctx, page, sellerPage)
		})
		if classOf(err) == omie.ClassEmpty {
			break
		}
		if err != nil {
			return err
		}
		for _, s := range p.Rows {
			read[int64(s.ID)] = string(s.Name)
		}
		pages = p.Pages
	}
	for _, id := range missing {
		if _, some := read[id]; !some {
			read[id] = ""
		}
	}
	c.Sellers = read
	return w.keep(ctx, "sellers", 0, nil, next)
}

// missingSellers are those whose names are needed and not known.
func (w *walk) missingSellers() (missing []int64) {
	for _, e := range w.seen() {
		_, before := w.sellers[e.seller]
		_, now := w.cursor.Sellers[e.seller]
		if e.seller != 0 && e.wanted && !before && !now {
			missing = append(missing, e.seller)
		}
	}
	return missing
}
