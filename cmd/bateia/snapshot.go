package main

import (
	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/jobs"
)

type snapshotCommand struct{}

func (snapshotCommand) Help() string {
	return `All prospects of an account as they are now, as one Parquet file in the bucket: reports/prospects_snapshot/account=<account>/date=<day>/<id>.parquet, with the columns of the view prospects. It is kept for 7 days. Workers take one a week by themselves.

Examples:

  bateia snapshot
  bateia snapshot --account acme --json`
}

// snapshotDocument is a snapshot as JSON.
type snapshotDocument struct {
	ID      string `json:"snapshot_id"`
	Account string `json:"account"`
	Object  string `json:"object"`
	Rows    int64  `json:"rows"`
	Bytes   int64  `json:"bytes"`
}

// Run takes a snapshot here and now, whether a worker runs or not.
func (snapshotCommand) Run(s *session) error {
	return s.open("snapshot", func(a *app.App) error {
		account, err := s.account(a)
		if err != nil {
			return err
		}
		id, err := a.DB.RequestSnapshot(s.ctx, account.ID, requester())
		if err != nil {
			return err
		}
		done, err := jobs.TakeSnapshot(s.ctx, a.DB, app.Files{Store: a.Store}.PutFile, a.WorkDir(), a.Engine(1), account.ID, id)
		if err != nil {
			return err
		}
		object := "s3://" + a.Store.Bucket() + "/" + done.Key
		if s.out.JSON {
			return s.out.Document(snapshotDocument{id.String(), account.Slug, object, done.Rows, done.Bytes})
		}
		s.out.Printf("%s\n", s.words.Say("snapshot_taken", "count", done.Rows, "where", object))
		return nil
	})
}
