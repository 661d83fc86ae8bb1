package main

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/omie"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages/sync"
)

const (
	// compared is how many known records are asked for to tell companies apart.
	compared = 50
	// slowAfter is when somebody who waits for a call hears why: the gate keeps the
	// same call apart by a minute.
	slowAfter = 3 * time.Second
)

// customers makes one call, and says so when it has to wait.
func (n *connecting) customers(r omie.ListRequest) (omie.Page[omie.Customer], error) {
	var none omie.Page[omie.Customer]
	client, err := n.a.OmieClient()
	if err != nil {
		return none, err
	}
	slow := time.AfterFunc(slowAfter, func() { n.s.out.Notef("%s", n.s.words.Say("omie_slow")) })
	defer slow.Stop()
	page, err := client.Customers(n.s.ctx, n.pair, r)
	if fault := new(omie.Fault); errors.As(err, &fault) && fault.Class == omie.ClassEmpty {
		return none, nil // the key is right, and there is nothing
	}
	return page, err
}

// try checks the key pair with one call of one record. When it is refused, a new
// connection is stored as invalid; one that is there stays as it is.
func (n *connecting) try() error {
	// After a pair that was refused the call says the same in other words: Omie takes
	// the same one once a minute only.
	_, err := n.customers(omie.ListRequest{Page: 1, PageSize: 1, Again: n.before.State == schemas.ConnectionInvalid})
	if pipeline.CodeOf(err) != "OMIE_AUTH" || n.before.ID != 0 {
		return err
	}
	c, stored := n.a.DB.Connect(n.s.ctx, n.account.ID, n.Name, func(c *schemas.Connection) error {
		if c.AppKey != "" {
			return nil // made by somebody else meanwhile
		}
		n.hold = n.HoldFirst
		n.settle(c)
		c.AppKey, c.State, c.Code, c.Sealed = n.pair.Key, schemas.ConnectionInvalid, "OMIE_AUTH", []byte{}
		return nil
	})
	if stored == nil && n.s.out.JSON {
		stored = n.s.showConnection(n.a, n.account, c, false)
	}
	return errors.Join(err, stored)
}

// sameCompany compares records that are known with what the key pair shows, and
// refuses a pair of another company: ids mean other records there.
func (n *connecting) sameCompany() error {
	if n.before.ID == 0 {
		return nil
	}
	// Those that are gone at Omie tell nothing, so more are read than compared.
	known, err := n.a.DB.KnownRecords(n.s.ctx, n.account.ID, n.before.ID, 20*compared)
	if err != nil {
		return err
	}
	known = slices.DeleteFunc(known, func(r postgres.KnownRecord) bool { return r.Gone })
	known = known[:min(len(known), compared)]
	if len(known) == 0 {
		return nil
	}
	ids := make([]int64, len(known))
	for i, r := range known {
		ids[i] = r.ID
	}
	page, err := n.customers(omie.ListRequest{Page: 1, PageSize: compared, IDs: ids})
	if err != nil {
		return err
	}
	if sameRecords(known, page.Rows) {
		return nil
	}
	return &pipeline.Error{Op: "connect " + n.before.Name, Kind: pipeline.KindPermanent, Code: "OMIE_OTHER_COMPANY",
		Err: fmt.Errorf("the records of key %s are not those of this connection", n.pair)}
}

// sameRecords reports whether at least half of the known records are there, and of
// those that have a document on both sides at least half have the same.
func sameRecords(known []postgres.KnownRecord, there []omie.Customer) bool {
	documents := map[int64]int64{}
	for _, c := range there {
		documents[int64(c.ID)] = sync.DocumentHash(string(c.Document))
	}
	var back, both, agree int
	for _, r := range known {
		document, ok := documents[r.ID]
		if !ok {
			continue
		}
		back++
		if document != 0 && r.DocumentHash != 0 {
			both++
			if document == r.DocumentHash {
				agree++
			}
		}
	}
	return 2*back >= len(known) && 2*agree >= both
}
