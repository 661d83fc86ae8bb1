package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

// PlanImportArgs are the arguments of plan_import: from the pinned object to the
// plan, and on to apply unless somebody has to decide.
type PlanImportArgs struct{ importRef }

// Kind implements river.JobArgs.
func (PlanImportArgs) Kind() string { return "plan_import" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (PlanImportArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueImports, MaxAttempts: maxAttempts, Priority: 2}
}

type planImportWorker struct {
	river.WorkerDefaults[PlanImportArgs]
	s *Service
}

// Work implements river.Worker.
func (w *planImportWorker) Work(ctx context.Context, job *river.Job[PlanImportArgs]) error {
	return work(ctx, w.s, job, job.Args.importRef, postgres.PhasePlan, w.s.plan)
}

// plan makes the plan in the attempt's own folder and does with it what decide
// says.
func (s *Service) plan(ctx context.Context, a *attempt) error {
	if err := a.in(ctx, func(tx pgx.Tx) error { return postgres.StartPlan(ctx, tx, a.claim) }); err != nil {
		return err
	}
	if a.run.Request.Decision != nil {
		return s.decided(ctx, a)
	}
	if err := a.open(ctx); err != nil {
		return err
	}
	if err := s.runner(a).Run(ctx, a.run, s.cfg.PlanStages(a.run)); err != nil {
		return err
	}
	past, err := s.earlier(ctx, a)
	if err != nil {
		return err
	}
	d := decide(a.run, a.row, past)
	if d.code == codeDrift {
		a.run.Warn(schemas.FileIssue{Code: codeDrift, Detail: d.detail})
	}
	if d.wait {
		return s.storePlan(ctx, a, d)
	}
	return s.applyPlan(ctx, a)
}

// runner records when each stage begins and ends.
func (s *Service) runner(a *attempt) pipeline.Runner {
	return pipeline.Runner{
		Started: func(ctx context.Context, _ *pipeline.Run, stage string) error {
			return s.db.StartStage(ctx, a.current(), stage)
		},
		Finished: func(ctx context.Context, _ *pipeline.Run, t schemas.StageTime) error {
			return s.db.FinishStage(ctx, a.current(), t)
		},
	}
}

// decision is what becomes of a plan.
type decision struct {
	wait      bool   // stop at ready
	held      bool   // because somebody has to decide
	code      string // why
	detail    string // in what it differs from what came before, with codeDrift
	unconfirm bool   // what people confirmed is not this plan
}

// minHeld is the number of rows from which on a share of them says something.
const minHeld = 20

// How many earlier imports of a source a file is compared with, and how many there
// must be.
const (
	mostEarlier  = 5
	leastEarlier = 2
)

// codeDrift says that a file breaks from those before it.
const codeDrift = "DRIFT"

// earlier returns the profiles that an unattended file is compared with. A sync
// reads what changed since the last one: what it looks like says nothing.
func (s *Service) earlier(ctx context.Context, a *attempt) ([]schemas.Profile, error) {
	if !a.run.Request.Unattended || a.run.Request.Sync != nil || a.run.ReplayOf != 0 || a.row.Confirmed || a.run.Facts.Ledger.Read < minHeld {
		return nil, nil
	}
	return s.db.ReadProfiles(ctx, a.claim.Account, a.claim.ImportID, minHeld, mostEarlier)
}

// decide says whether a plan is applied at once: drops and imports of which not
// only the plan was asked for, unless an unattended one refuses more rows than
// the account allows (which of rows that were refused before says nothing), or
// looks different from all in past, the last ones of its source; and what people confirmed, unless the base moved since
// they saw their plan, which this one replaces.
func decide(run *pipeline.Run, row postgres.ImportRow, past []schemas.Profile) decision {
	if row.Confirmed {
		if row.BaseVersion != nil && *row.BaseVersion != run.BaseVersion {
			return decision{wait: true, held: true, code: "TARGET_CHANGED", unconfirm: true}
		}
		return decision{}
	}
	if run.Request.Mapping.Options.PlanOnly {
		return decision{wait: true}
	}
	if sync := run.Request.Sync; sync != nil && sync.HoldFirst {
		return decision{wait: true, held: true, code: "HOLD_FIRST"}
	}
	l := run.Facts.Ledger
	set := run.Account.Settings.WithDefaults()
	limit := *set.HoldAbove
	if run.Request.Unattended && run.ReplayOf == 0 && l.Read >= minHeld && float64(l.Rejected) > limit*float64(l.Read) {
		return decision{wait: true, held: true, code: "TOO_MANY_ERRORS"}
	}
	if len(past) >= leastEarlier {
		if detail := schemas.ProfileOf(run.Facts).Drift(past, *set.DriftAbove); detail != "" {
			return decision{wait: true, held: true, code: codeDrift, detail: detail}
		}
	}
	return decision{}
}

// storePlan stores the plan and leaves the import at ready.
func (s *Service) storePlan(ctx context.Context, a *attempt, d decision) error {
	p, err := s.savedPlan(ctx, a)
	if err != nil {
		return err
	}
	p.Held, p.Code = d.held, d.code
	err = a.in(ctx, func(tx pgx.Tx) error {
		if err := postgres.FinishPlan(ctx, tx, a.claim, p); err != nil {
			return err
		}
		if d.unconfirm {
			if err := postgres.Unconfirm(ctx, tx, a.claim); err != nil {
				return err
			}
		}
		if err := s.EnqueueTx(ctx, tx, afterwards(a.claim)...); err != nil {
			return err
		}
		return a.complete(ctx, tx)
	})
	return s.unlessFenced(ctx, err, p.Prefix)
}

// unlessFenced removes a plan that nobody will know of, because the claim was lost:
// what took it away may be an erasure, which cannot see it.
func (s *Service) unlessFenced(ctx context.Context, err error, prefix string) error {
	if err == nil || pipeline.KindOf(err) != pipeline.KindFenced {
		return err
	}
	end, cancel := outlast(ctx)
	defer cancel()
	_, failed := s.removeBelow(end, prefix)
	return errors.Join(err, failed)
}

// savedPlan stores the plan's files and says where.
func (s *Service) savedPlan(ctx context.Context, a *attempt) (postgres.Plan, error) {
	prefix, sum, err := s.cfg.SavePlan(ctx, a.run)
	if err != nil {
		return postgres.Plan{}, err
	}
	return postgres.Plan{Result: a.learnt(), Prefix: prefix, SHA256: sum}, nil
}

// decided carries out a decision of people. There is nothing to plan: what it
// does is computed under the account's lock. A busy account makes it owed again.
func (s *Service) decided(ctx context.Context, a *attempt) error {
	if err := s.beginApply(ctx, a); err != nil {
		return err
	}
	return s.runApply(ctx, a, s.cfg.BusyWait)
}

// beginApply ends phase plan and claims phase apply in one transaction.
func (s *Service) beginApply(ctx context.Context, a *attempt) error {
	var next postgres.Claim
	err := a.in(ctx, func(tx pgx.Tx) error {
		var err error
		next, err = postgres.BeginApply(ctx, tx, a.claim, s.id.String(), postgres.Lease)
		return err
	})
	if err != nil {
		return err
	}
	a.mu.Lock()
	a.claim = next
	a.mu.Unlock()
	return a.sit(ctx, next.Alone)
}

// applyPlan goes on to apply with the workset as it stands.
func (s *Service) applyPlan(ctx context.Context, a *attempt) error {
	if err := s.beginApply(ctx, a); err != nil {
		return err
	}
	// Another import of the account may be applying: a moment's wait is cheaper
	// than storing the plan and reading it back.
	err := s.runApply(ctx, a, s.cfg.BusyWait)
	if pipeline.KindOf(err) == pipeline.KindBusy && err != nil {
		return s.putOff(ctx, a)
	}
	if pipeline.KindOf(err) == pipeline.KindStale && err != nil {
		// The plan is not stored: the next attempt makes it again.
		return &pipeline.Error{Op: "apply plan", Kind: pipeline.KindTransient, Err: err}
	}
	if err != nil {
		return err
	}
	a.share()
	if !a.quiet() {
		s.keepPlan(ctx, a)
	}
	s.goOnToDatasets(ctx, a)
	return nil
}

// quiet reports whether the import is a sync that nobody asked for and that found
// nothing to do: there is one every quarter of an hour, and nobody looks at its plan.
func (a *attempt) quiet() bool {
	l := a.run.Facts.Ledger
	return a.run.Request.Sync != nil && a.run.Request.Unattended && l.Created+l.Updated+l.Rejected+l.Conflict == 0
}

// keepPlan stores what people look at of the plan of an import that is applied. Nothing
// needs it, so a failure is told and no more.
func (s *Service) keepPlan(ctx context.Context, a *attempt) {
	prefix, sum, err := s.cfg.KeepPlan(ctx, a.run)
	stored := true
	if err == nil {
		stored, err = s.db.SetPlan(ctx, a.claim.Account, a.claim.ImportID, prefix, sum)
	}
	if err == nil && !stored {
		_, err = s.removeBelow(ctx, prefix)
	}
	if err != nil {
		a.log.WarnContext(ctx, "store plan after apply", "error", err)
	}
}

// putOff stores a plan that found the account busy and leaves phase apply to a
// job of its own.
func (s *Service) putOff(ctx context.Context, a *attempt) error {
	p, err := s.savedPlan(ctx, a)
	if err != nil {
		return err
	}
	err = a.in(ctx, func(tx pgx.Tx) error {
		if err := postgres.PutOffApply(ctx, tx, a.claim, p, 2*busyDelay); err != nil {
			return err
		}
		args := ApplyImportArgs{refOf(a.claim.Account, a.claim.ImportID)}
		_, err := s.client.InsertTx(ctx, tx, args, &river.InsertOpts{ScheduledAt: time.Now().Add(busyDelay)})
		if err != nil {
			return err
		}
		return a.complete(ctx, tx)
	})
	return s.unlessFenced(ctx, err, p.Prefix)
}
