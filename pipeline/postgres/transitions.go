package postgres

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

//go:embed sql/move.sql
var moveSQL string

//go:embed sql/finish_work.sql
var finishWorkSQL string

//go:embed sql/begin_phase.sql
var beginPhaseSQL string

//go:embed sql/cancel_work.sql
var cancelWorkSQL string

//go:embed sql/lock_import.sql
var lockImportSQL string

// ownJob is how long reconcile leaves a phase alone whose job is inserted in the
// same transaction.
const ownJob = 10 * time.Second

// Every function here takes a transaction of InAccount and checks the claim
// first, so nothing of a fenced worker commits. Rows of work are locked before
// the import's, in that order everywhere.

// StartPlan moves an import to state planning when its plan is begun or begun
// again.
func StartPlan(ctx context.Context, tx pgx.Tx, c Claim) error {
	if err := Fence(ctx, tx, c); err != nil {
		return err
	}
	return move(ctx, tx, c, schemas.Planning, "", false, schemas.Received, schemas.Planning, schemas.Ready)
}

// Plan is a stored plan and why it waits.
type Plan struct {
	Result
	Held   bool   // a decision is needed, and Code says why
	Code   string // TOO_MANY_ERRORS …, "" when only the plan was asked for
	Prefix string // where its files are
	SHA256 string // of the manifest
}

// FinishPlan moves an import to state ready with its plan; the report is owed.
// The caller inserts its job.
func FinishPlan(ctx context.Context, tx pgx.Tx, c Claim, p Plan) error {
	if err := Fence(ctx, tx, c); err != nil {
		return err
	}
	if err := p.Facts.Ledger.Check(); err != nil {
		return err
	}
	if err := move(ctx, tx, c, schemas.Ready, p.Code, p.Held, schemas.Planning); err != nil {
		return err
	}
	if err := saveResult(ctx, tx, c, p.Result); err != nil {
		return err
	}
	if err := savePlan(ctx, tx, c.Account, c.ImportID, p.Prefix, p.SHA256); err != nil {
		return err
	}
	if err := finishWork(ctx, tx, c, PhasePlan); err != nil {
		return err
	}
	kind := "import.ready"
	if p.Held {
		kind = "import.held"
	}
	return concluded(ctx, tx, c, kind, p.Code, p.Facts)
}

// BeginApply ends the plan phase and claims the apply phase for the same worker
// in one step; the import is applying. The new claim replaces the old one.
func BeginApply(ctx context.Context, tx pgx.Tx, plan Claim, worker string, lease time.Duration) (Claim, error) {
	if err := Fence(ctx, tx, plan); err != nil {
		return Claim{}, err
	}
	c, err := begin(ctx, tx, plan, PhaseApply, worker, lease)
	if err != nil {
		return Claim{}, err
	}
	if err := finishWork(ctx, tx, plan, PhasePlan); err != nil {
		return Claim{}, err
	}
	return c, move(ctx, tx, c, schemas.Applying, "", false, schemas.Planning)
}

// BeginDatasets claims the phase datasets for the worker that just finished to apply
// the import, in the same transaction.
func BeginDatasets(ctx context.Context, tx pgx.Tx, applied Claim, worker string, lease time.Duration) (Claim, error) {
	return begin(ctx, tx, applied, PhaseDatasets, worker, lease)
}

// begin claims another phase for the worker that has the claim c.
func begin(ctx context.Context, tx pgx.Tx, c Claim, phase Phase, worker string, lease time.Duration) (Claim, error) {
	next := Claim{Account: c.Account, ImportID: c.ImportID, Phase: phase}
	err := tx.QueryRow(ctx, beginPhaseSQL, c.ImportID, c.Account, worker, lease, phase).Scan(&next.Epoch, &next.Alone)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return Claim{}, &pipeline.Error{Op: fmt.Sprintf("claim %s of import %s", phase, c.ImportID), Kind: pipeline.KindBusy,
			Err: errors.New("another worker holds it")}
	case err != nil:
		return Claim{}, fmt.Errorf("claim %s of import %s: %w", phase, c.ImportID, err)
	}
	return next, nil
}

// StartApply moves an import whose apply phase was claimed from state ready to
// applying. One that is applying already stays so: its last worker died.
func StartApply(ctx context.Context, tx pgx.Tx, c Claim) error {
	if err := Fence(ctx, tx, c); err != nil {
		return err
	}
	return move(ctx, tx, c, schemas.Applying, "", false, schemas.Ready, schemas.Applying)
}

// PutOffApply gives an apply phase back whose plan is stored: it is owed, due
// for reconcile after delay.
func PutOffApply(ctx context.Context, tx pgx.Tx, c Claim, p Plan, delay time.Duration) error {
	if err := Fence(ctx, tx, c); err != nil {
		return err
	}
	if err := saveResult(ctx, tx, c, p.Result); err != nil {
		return err
	}
	if err := savePlan(ctx, tx, c.Account, c.ImportID, p.Prefix, p.SHA256); err != nil {
		return err
	}
	return Owe(ctx, tx, c.Account, c.ImportID, PhaseApply, delay)
}

// PlanAgain sends an import back from apply to planning, because its plan is
// missing or of another format. The caller inserts its job; reconcile leaves the
// phase alone for a moment, and for delay.
func PlanAgain(ctx context.Context, tx pgx.Tx, c Claim, delay time.Duration) error {
	if err := Fence(ctx, tx, c); err != nil {
		return err
	}
	if err := finishWork(ctx, tx, c, c.Phase); err != nil {
		return err
	}
	if err := move(ctx, tx, c, schemas.Planning, "", false, schemas.Ready, schemas.Applying); err != nil {
		return err
	}
	return Owe(ctx, tx, c.Account, c.ImportID, PhasePlan, max(delay, ownJob))
}

// FinishApply moves an import to state applied with its counts, in the
// transaction that wrote its rows. The ledger balances or nothing commits.
func FinishApply(ctx context.Context, tx pgx.Tx, c Claim, r Result) error {
	if err := Fence(ctx, tx, c); err != nil {
		return err
	}
	if err := r.Facts.Ledger.Check(); err != nil {
		return &pipeline.Error{Stage: schemas.StageApply, Op: "check ledger", Kind: pipeline.KindPermanent, Code: "INTERNAL", Err: err}
	}
	if err := saveResult(ctx, tx, c, r); err != nil {
		return err
	}
	if err := move(ctx, tx, c, schemas.Applied, "", false, schemas.Applying); err != nil {
		return err
	}
	if err := finishStage(ctx, tx, c, schemas.StageTime{Name: schemas.StageApply, Rows: r.Facts.Records, Bytes: r.Facts.Bytes}); err != nil {
		return err
	}
	if err := finishWork(ctx, tx, c, PhasePlan, PhaseApply); err != nil {
		return err
	}
	return concluded(ctx, tx, c, "import.applied", "", r.Facts)
}

// Conclude moves an import to state rejected or failed with one code; what was
// learnt so far is kept, and the report is owed.
func Conclude(ctx context.Context, tx pgx.Tx, c Claim, state schemas.State, code string, r Result) error {
	if err := Fence(ctx, tx, c); err != nil {
		return err
	}
	if err := saveRefusal(ctx, tx, c, state, code, r); err != nil {
		return err
	}
	err := move(ctx, tx, c, state, code, false, schemas.Received, schemas.Planning, schemas.Ready, schemas.Applying)
	if err != nil {
		return err
	}
	if err := finishWork(ctx, tx, c, PhasePlan, PhaseApply); err != nil {
		return err
	}
	return concluded(ctx, tx, c, "import."+string(state), code, r.Facts)
}

// FinishAfter ends a phase of Afterwards. code is "" or why it gave nothing.
func FinishAfter(ctx context.Context, tx pgx.Tx, c Claim, code string) error {
	if err := Fence(ctx, tx, c); err != nil {
		return err
	}
	if err := finishWork(ctx, tx, c, c.Phase); err != nil {
		return err
	}
	if code == "" {
		return nil
	}
	return addEvent(ctx, tx, c.Account, c.ImportID, string(c.Phase)+".failed", map[string]any{"code": code})
}

// Confirm says apply to an import that waits at ready: the apply phase is owed,
// and the caller inserts its job. It returns the state found; anything but ready
// is left as it is, so that apply twice runs once.
func Confirm(ctx context.Context, tx pgx.Tx, account int32, id schemas.ImportID) (schemas.State, error) {
	state, err := lockImport(ctx, tx, account, id)
	if err != nil || state != schemas.Ready {
		return state, err
	}
	_, err = tx.Exec(ctx, "update bateia.imports set confirmed = true, held = false where account_id = $1 and import_id = $2", account, id)
	if err != nil {
		return state, fmt.Errorf("confirm import %s: %w", id, err)
	}
	return state, Owe(ctx, tx, account, id, PhaseApply, ownJob)
}

// Cancel ends an import that is not being applied yet, and fences whoever plans
// it. It returns the state found: received, planning and ready were canceled,
// with the report owed, and anything else is left as it is.
func Cancel(ctx context.Context, tx pgx.Tx, account int32, id schemas.ImportID) (schemas.State, error) {
	state, err := lockImport(ctx, tx, account, id)
	if err != nil {
		return state, err
	}
	switch state {
	case schemas.Received, schemas.Planning, schemas.Ready:
	default:
		return state, nil
	}
	c := Claim{Account: account, ImportID: id}
	if err := move(ctx, tx, c, schemas.Canceled, "", false, state); err != nil {
		return state, err
	}
	if _, err := tx.Exec(ctx, cancelWorkSQL, id); err != nil {
		return state, fmt.Errorf("cancel work on import %s: %w", id, err)
	}
	if err := addEvent(ctx, tx, account, id, "import.canceled", nil); err != nil {
		return state, err
	}
	return state, oweAfterwards(ctx, tx, c)
}

// Unconfirm takes the decision of people back when the plan they saw is gone and
// a new one is not the same.
func Unconfirm(ctx context.Context, tx pgx.Tx, c Claim) error {
	_, err := tx.Exec(ctx, "update bateia.imports set confirmed = false where account_id = $1 and import_id = $2", c.Account, c.ImportID)
	if err != nil {
		return fmt.Errorf("unconfirm import %s: %w", c.ImportID, err)
	}
	return nil
}

// lockImport locks the import's rows of work, then the import, and returns its
// state.
func lockImport(ctx context.Context, tx pgx.Tx, account int32, id schemas.ImportID) (schemas.State, error) {
	if _, err := tx.Exec(ctx, "select from bateia.work where import_id = $1 order by phase for update", id); err != nil {
		return "", fmt.Errorf("lock import %s: %w", id, err)
	}
	var state schemas.State
	err := tx.QueryRow(ctx, lockImportSQL, account, id).Scan(&state)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", fmt.Errorf("lock import %s: %w", id, ErrNotFound)
	}
	if err != nil {
		return "", fmt.Errorf("lock import %s: %w", id, err)
	}
	return state, nil
}

// move changes the state when it is one of from. Whoever finds another one lost
// the import to somebody else.
func move(ctx context.Context, tx pgx.Tx, c Claim, to schemas.State, code string, held bool, from ...schemas.State) error {
	names := make([]string, len(from))
	for i, s := range from {
		names[i] = string(s)
	}
	tag, err := tx.Exec(ctx, moveSQL, c.Account, c.ImportID, to, code, held, to.Terminal(), names)
	if err != nil {
		return fmt.Errorf("move import %s to %s: %w", c.ImportID, to, err)
	}
	if tag.RowsAffected() == 0 {
		return &pipeline.Error{Op: fmt.Sprintf("move import %s to %s", c.ImportID, to), Kind: pipeline.KindFenced,
			Err: errors.New("its state does not allow it")}
	}
	return nil
}

func finishWork(ctx context.Context, tx pgx.Tx, c Claim, phases ...Phase) error {
	names := make([]string, len(phases))
	for i, p := range phases {
		names[i] = string(p)
	}
	if _, err := tx.Exec(ctx, finishWorkSQL, c.ImportID, names); err != nil {
		return fmt.Errorf("finish work on import %s: %w", c.ImportID, err)
	}
	return nil
}

// concluded adds the event and owes what follows.
func concluded(ctx context.Context, tx pgx.Tx, c Claim, kind, code string, f schemas.Facts) error {
	payload := map[string]any{"ledger": f.Ledger, "prospects": f.Counts}
	if code != "" {
		payload["code"] = code
	}
	if err := addEvent(ctx, tx, c.Account, c.ImportID, kind, payload); err != nil {
		return err
	}
	return oweAfterwards(ctx, tx, c)
}

// Afterwards are the phases that follow whatever became of an import.
var Afterwards = []Phase{PhaseReport, PhaseDatasets}

func oweAfterwards(ctx context.Context, tx pgx.Tx, c Claim) error {
	for _, phase := range Afterwards {
		if err := Owe(ctx, tx, c.Account, c.ImportID, phase, ownJob); err != nil {
			return err
		}
	}
	return nil
}
