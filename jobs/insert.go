package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

// importRef is the part of the arguments that names an import. Arguments hold
// ids and nothing else, because they are shown to operators.
type importRef struct {
	AccountID int32  `json:"account_id"`
	ImportID  string `json:"import_id"` // 14 hexadecimal digits
}

func refOf(account int32, id schemas.ImportID) importRef {
	return importRef{AccountID: account, ImportID: id.String()}
}

// Inserter inserts jobs for other processes to work on.
type Inserter struct {
	client *river.Client[pgx.Tx]
}

// NewInserter makes an inserter for programs that work on nothing themselves.
func NewInserter(db *postgres.DB) (*Inserter, error) {
	client, err := river.NewClient(riverpgxv5.New(db.Pool), &river.Config{
		Schema: postgres.RiverSchema, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return nil, fmt.Errorf("configure jobs: %w", err)
	}
	return &Inserter{client: client}, nil
}

// EnqueueTx inserts the jobs of owed phases in the transaction that made them
// owed, so that both are there or neither.
func (i *Inserter) EnqueueTx(ctx context.Context, tx pgx.Tx, owed ...postgres.Owed) error {
	if len(owed) == 0 {
		return nil
	}
	params := make([]river.InsertManyParams, len(owed))
	for n, o := range owed {
		args, err := argsOf(o)
		if err != nil {
			return err
		}
		params[n] = river.InsertManyParams{Args: args}
	}
	if _, err := i.client.InsertManyFastTx(ctx, tx, params); err != nil {
		return fmt.Errorf("insert jobs: %w", err)
	}
	return nil
}

// ApplyTx says apply to an import that is ready (postgres.Confirm) and inserts
// its job. It returns the state found; anything but ready is left as it is.
func (i *Inserter) ApplyTx(ctx context.Context, tx pgx.Tx, account int32, id schemas.ImportID) (schemas.State, error) {
	state, err := postgres.Confirm(ctx, tx, account, id)
	if err != nil || state != schemas.Ready {
		return state, err
	}
	return state, i.EnqueueTx(ctx, tx, postgres.Owed{Account: account, ImportID: id, Phase: postgres.PhaseApply})
}

// CancelTx cancels an import (postgres.Cancel) and inserts the job of its report.
// It returns the state found; received, planning and ready were canceled.
func (i *Inserter) CancelTx(ctx context.Context, tx pgx.Tx, account int32, id schemas.ImportID) (schemas.State, error) {
	state, err := postgres.Cancel(ctx, tx, account, id)
	if err != nil || state.Terminal() || state == schemas.Applying {
		return state, err
	}
	return state, i.EnqueueTx(ctx, tx, afterwards(postgres.Claim{Account: account, ImportID: id})...)
}

// RegisterTx registers imports (postgres.Register) and inserts the jobs of what
// they owe.
func (i *Inserter) RegisterTx(ctx context.Context, tx pgx.Tx, account int32, list ...postgres.Registration) ([]postgres.Registered, error) {
	done, err := postgres.Register(ctx, tx, account, list...)
	if err != nil {
		return nil, err
	}
	var owed []postgres.Owed
	for n, r := range done {
		switch {
		case r.Existed:
		case list[n].Refused != nil:
			owed = append(owed, afterwards(postgres.Claim{Account: account, ImportID: r.ID})...)
		default:
			owed = append(owed, postgres.Owed{Account: account, ImportID: r.ID, Phase: postgres.PhasePlan, Sync: list[n].Request.Sync != nil})
		}
	}
	return done, i.EnqueueTx(ctx, tx, owed...)
}

func argsOf(o postgres.Owed) (river.JobArgs, error) {
	ref := refOf(o.Account, o.ImportID)
	switch o.Phase {
	case postgres.PhasePlan:
		if o.Sync {
			return SyncOmieArgs{ref}, nil
		}
		return PlanImportArgs{ref}, nil
	case postgres.PhaseApply:
		return ApplyImportArgs{ref}, nil
	case postgres.PhaseReport:
		return ReportImportArgs{ref}, nil
	case postgres.PhaseDatasets:
		return WriteDatasetsArgs{ref}, nil
	}
	return nil, fmt.Errorf("insert job: there is no phase %q", o.Phase)
}

// afterwards are the phases that follow whatever became of an import.
func afterwards(c postgres.Claim) []postgres.Owed {
	owed := make([]postgres.Owed, len(postgres.Afterwards))
	for n, phase := range postgres.Afterwards {
		owed[n] = postgres.Owed{Account: c.Account, ImportID: c.ImportID, Phase: phase}
	}
	return owed
}

func lostJob(id int64) error {
	return &pipeline.Error{Op: fmt.Sprintf("complete job %d", id), Kind: pipeline.KindFenced, Err: errors.New("it was given to another worker")}
}
