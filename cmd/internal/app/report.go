package app

import (
	"context"
	"errors"
	"iter"
	"os"
	"strings"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/pipeline/webhook"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages/report"
)

// Document reads an import and everything that its document shows; message and
// remedy are in the locale.
func (a *App) Document(ctx context.Context, account schemas.Account, id schemas.ImportID, locale string) (schemas.ImportDocument, postgres.Import, error) {
	row, err := a.DB.ReadImport(ctx, account.ID, id)
	if err != nil {
		return schemas.ImportDocument{}, row, err
	}
	doc := a.DocumentOf(account, row, locale)
	counts, err := a.DB.ReadIssueCounts(ctx, account.ID, id)
	if err != nil {
		return doc, row, err
	}
	doc.Issues.ByCode = nil
	for _, c := range counts {
		doc.Issues.ByCode = append(doc.Issues.ByCode, schemas.CodeCount(c))
	}
	stages, err := a.DB.ReadStages(ctx, account.ID, id)
	if err != nil {
		return doc, row, err
	}
	for _, t := range stages {
		if t.Done {
			doc.Stages = append(doc.Stages, t.StageTime)
		}
	}
	return doc, row, nil
}

// DocumentOf is what the row of an import alone tells: all but its stages.
func (a *App) DocumentOf(account schemas.Account, i postgres.Import, locale string) schemas.ImportDocument {
	bucket := i.Object.Bucket
	if bucket == "" {
		bucket = a.Store.Bucket() // a sync reads no object
	}
	doc := schemas.ImportDocument{
		ImportID: i.ID.String(), Account: account.Slug, Source: i.Source, Object: filled(ref(i.Object.URL())), List: i.List,
		RequestedBy: i.RequestedBy, State: i.State, Held: i.Held, Code: filled(&i.Code), Ledger: i.Ledger, Prospects: i.Prospects,
		Issues:  schemas.DocumentIssues{Errors: i.Errors, Warnings: i.Warnings},
		Columns: i.Facts.Columns,
		Objects: schemas.DocumentObjects{
			Feedback: objectURL(bucket, i.FeedbackKey), Result: objectURL(bucket, i.ResultKey),
			Plan: objectURL(bucket, i.PlanPrefix),
		},
		UndoOf: importRef(i.UndoOf), RedoOf: importRef(i.RedoOf), ReplayOf: importRef(i.ReplayOf),
		CreatedAt: i.CreatedAt, FinishedAt: i.FinishedAt,
	}
	doc.Resolved, doc.Effect, doc.Skipped = i.Facts.Resolved, i.Facts.Effect, i.Facts.Skipped
	for _, n := range i.Facts.ByCode {
		doc.Issues.ByCode = append(doc.Issues.ByCode, schemas.CodeCount(n))
	}
	doc.Explain(locale, i.Facts.Issues)
	if i.Facts.Dialect.Encoding != "" {
		doc.Dialect = &i.Facts.Dialect
	}
	if i.FinishedAt != nil {
		seconds := i.FinishedAt.Sub(i.CreatedAt).Seconds()
		doc.Seconds = &seconds
	}
	return doc
}

// Summary is what the report of an import says, but for its causes.
func (a *App) Summary(ctx context.Context, account schemas.Account, id schemas.ImportID) (report.Summary, postgres.Import, error) {
	doc, row, err := a.Document(ctx, account, id, account.Locale)
	if err != nil {
		return report.Summary{}, row, err
	}
	at, err := a.DB.StateSince(ctx, row)
	if err != nil {
		return report.Summary{}, row, err
	}
	folder := ""
	if row.Source.Kind == "omie" {
		folder = "omie" // no drop to lie beside: its reports lie together, whatever the list
	}
	return report.Summary{
		Document: doc, ImportID: id, Account: account, FileName: row.Title(), Folder: folder, Bucket: a.Store.Bucket(), At: at,
		Header: row.Facts.Header, Issues: row.Facts.Issues,
	}, row, nil
}

// Report writes the report of an import beside its drop and tells the one URL
// that is told. It does nothing for states without a report, which an import
// can have come into meanwhile.
func (a *App) Report(ctx context.Context, account int32, id schemas.ImportID) (err error) {
	owner, err := a.DB.AccountByID(ctx, account)
	if err != nil {
		return err
	}
	s, row, err := a.Summary(ctx, owner, id)
	if err != nil {
		return err
	}
	switch {
	case row.Source.Kind == "omie" && row.RequestedBy == "" && row.State == schemas.Applied && quiet(row):
		return nil // nobody asked, and nothing happened: every quarter of an hour
	case row.Object.Key == "" && row.FileName == "" && row.Source.Kind != "omie":
		return nil // people's decisions have no file beside which to lie
	}
	if !row.State.Terminal() && !(row.State == schemas.Ready && row.Held) || row.State == schemas.Undone {
		return nil
	}
	dir, err := a.Scratch(id, "report")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	w := report.Writer{Put: Files{a.Store}.put, Dir: dir}
	names, err := w.Write(ctx, s, func(ctx context.Context) iter.Seq2[report.RefusedRow, error] { return a.Refused(ctx, row, true) })
	if err != nil {
		return err
	}
	if err := a.DB.SetReport(ctx, account, id, names.Text, names.Feedback); err != nil {
		return err
	}
	return a.notify(ctx, s)
}

// quiet reports whether an import changed nothing and refused nothing.
func quiet(i postgres.Import) bool {
	l := i.Ledger
	return l.Created+l.Updated+l.Rejected+l.Conflict == 0 && (i.Facts.Sync == nil || len(i.Facts.Sync.Gone) == 0)
}

// notify tells BATEIA_NOTIFY_URL. A refusal of the other side ends it: the
// report is written, and saying it again would not help.
func (a *App) notify(ctx context.Context, s report.Summary) error {
	n := webhook.Notice{ImportID: s.ImportID, Account: s.Account.Slug, List: s.Document.List, State: s.Document.State,
		Ledger: s.Document.Ledger, At: s.At}
	if s.Document.Code != nil {
		n.Code = *s.Document.Code
	}
	err := webhook.Notifier{URL: a.Config.NotifyURL}.Notify(ctx, n)
	if err != nil && pipeline.KindOf(err) == pipeline.KindPermanent {
		a.Log.ErrorContext(ctx, "notice refused", "import_id", s.ImportID.String(), "error", err.Error())
		return nil
	}
	return err
}

func ref(s string) *string { return &s }

func importRef(id schemas.ImportID) *string {
	if id == 0 {
		return nil
	}
	return ref(id.String())
}

// objectURL writes a key as s3://bucket/key, nil when there is none.
func objectURL(bucket, key string) *string {
	if key == "" || strings.HasPrefix(key, "s3://") {
		return filled(&key)
	}
	return ref("s3://" + bucket + "/" + key)
}
