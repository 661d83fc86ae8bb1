package jobs

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

func TestOutcome(t *testing.T) {
	t.Parallel()
	kind := func(k pipeline.Kind, code string) error {
		return fmt.Errorf("stage: %w", &pipeline.Error{Op: "x", Kind: k, Code: code})
	}
	plan := Try{Phase: postgres.PhasePlan, Attempt: 1, Max: maxAttempts}
	apply, report, last, stopped, late, tooLate := plan, plan, plan, plan, plan, plan
	apply.Phase, report.Phase, last.Attempt = postgres.PhaseApply, postgres.PhaseReport, maxAttempts
	stopped.Ended = context.Canceled
	late.Ended, tooLate.Ended, tooLate.Attempt = context.DeadlineExceeded, context.DeadlineExceeded, maxTimeouts
	for _, tt := range []struct {
		name string
		err  error
		try  Try
		want Decision
	}{
		{"success", nil, plan, Decision{Action: ActDone}},
		{"nothing is owed", fmt.Errorf("claim: %w", postgres.ErrNotOwed), plan, Decision{Action: ActDone}},
		{"nothing is owed, read while stopping", postgres.ErrNotOwed, stopped, Decision{Action: ActDone}},
		{"the claim is lost", kind(pipeline.KindFenced, ""), plan, Decision{Action: ActLost}},
		{"the claim is lost, at the last attempt", kind(pipeline.KindFenced, ""), last, Decision{Action: ActLost}},
		{"the claim is lost while stopping", kind(pipeline.KindFenced, ""), stopped, Decision{Action: ActLost}},
		{"busy", kind(pipeline.KindBusy, ""), apply, Decision{Action: ActSnooze, Delay: busyDelay}},
		{"busy at the last attempt", kind(pipeline.KindBusy, ""), last, Decision{Action: ActSnooze, Delay: busyDelay}},
		{"a passing failure", kind(pipeline.KindTransient, ""), plan, Decision{Action: ActRetry, Delay: time.Second}},
		{"a passing failure that did not pass", kind(pipeline.KindTransient, ""), last, Decision{Action: ActFail, Code: "SERVICE_UNAVAILABLE"}},
		{"a passing failure with a code", kind(pipeline.KindTransient, "OMIE_BLOCKED"), last, Decision{Action: ActFail, Code: "OMIE_BLOCKED"}},
		{"a deadline of one request", fmt.Errorf("read: %w", context.DeadlineExceeded), plan, Decision{Action: ActRetry, Delay: time.Second}},
		{"stopped", context.Canceled, stopped, Decision{Action: ActRetry}},
		{"stopped, and something broke of it", kind(pipeline.KindRejected, "FILE_TRUNCATED"), stopped, Decision{Action: ActRetry}},
		{"half an hour is over", context.DeadlineExceeded, late, Decision{Action: ActRetry, Delay: time.Second}},
		{"half an hour is over, and something broke of it", errors.New("interrupted"), late, Decision{Action: ActRetry, Delay: time.Second}},
		{"half an hour is over again and again", context.DeadlineExceeded, tooLate, Decision{Action: ActFail, Code: "INTERNAL"}},
		{"the file is refused", kind(pipeline.KindRejected, "FILE_EMPTY"), plan, Decision{Action: ActReject, Code: "FILE_EMPTY"}},
		{"the file is refused without a code", kind(pipeline.KindRejected, ""), plan, Decision{Action: ActFail, Code: "INTERNAL"}},
		{"a report is refused", kind(pipeline.KindRejected, "FILE_EMPTY"), report, Decision{Action: ActFail, Code: "FILE_EMPTY"}},
		{"the plan is stale", kind(pipeline.KindStale, ""), apply, Decision{Action: ActPlanAgain}},
		{"something else is stale", kind(pipeline.KindStale, ""), plan, Decision{Action: ActFail, Code: "INTERNAL"}},
		{"it never works", kind(pipeline.KindPermanent, ""), plan, Decision{Action: ActFail, Code: "INTERNAL"}},
		{"poison", kind(pipeline.KindPermanent, "POISONED"), apply, Decision{Action: ActFail, Code: "POISONED"}},
		{"nobody knows", errors.New("what"), apply, Decision{Action: ActFail, Code: "INTERNAL"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, Outcome(tt.err, tt.try)); diff != "" {
				t.Errorf("decision mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRetryDelaysBridgeANight(t *testing.T) {
	t.Parallel()
	var sum time.Duration
	for n := 1; n < maxAttempts; n++ {
		d := retryDelay(n)
		if d < time.Second || d > maxRetryDelay || d < retryDelay(n-1) {
			t.Errorf("delay after attempt %d is %v", n, d)
		}
		sum += d
	}
	if sum < 9*time.Hour || sum > 12*time.Hour {
		t.Errorf("attempts span %v", sum)
	}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	half, all, base := 0.5, 1.0, int64(3)
	refusing := func(shares ...float64) (past []schemas.Profile) {
		for _, s := range shares {
			past = append(past, schemas.Profile{"rejected": s / 100})
		}
		return past
	}
	unattended := schemas.Request{Unattended: true}
	planOnly := schemas.Request{Mapping: schemas.Mapping{Options: schemas.Options{PlanOnly: true}}}
	for _, tt := range []struct {
		name           string
		request        schemas.Request
		row            postgres.ImportRow
		holdAbove      *float64
		read, rejected int64
		past           []schemas.Profile
		want           decision
	}{
		{"a clean drop", unattended, postgres.ImportRow{}, nil, 100, 0, nil, decision{}},
		{"exactly the share that is allowed", unattended, postgres.ImportRow{}, nil, 100, 30, nil, decision{}},
		{"one more", unattended, postgres.ImportRow{}, nil, 100, 31, nil, decision{wait: true, held: true, code: "TOO_MANY_ERRORS"}},
		{"too few rows to say", unattended, postgres.ImportRow{}, nil, 19, 19, nil, decision{}},
		{"twenty rows say something", unattended, postgres.ImportRow{}, nil, 20, 7, nil, decision{wait: true, held: true, code: "TOO_MANY_ERRORS"}},
		{"the account allows more", unattended, postgres.ImportRow{}, &half, 100, 50, nil, decision{}},
		{"as the last ones", unattended, postgres.ImportRow{}, nil, 100, 10, refusing(9, 12), decision{}},
		{"another picture than the last ones", unattended, postgres.ImportRow{}, &all, 100, 70, refusing(9, 12),
			decision{wait: true, held: true, code: "DRIFT", detail: "rejected 12 % → 70 %"}},
		{"one earlier import says little", unattended, postgres.ImportRow{}, &all, 100, 70, refusing(9), decision{}},
		{"too many errors says more than that", unattended, postgres.ImportRow{}, nil, 100, 70, refusing(9, 12),
			decision{wait: true, held: true, code: "TOO_MANY_ERRORS"}},
		{"confirmed although different", unattended, postgres.ImportRow{Confirmed: true}, &all, 100, 70, refusing(9, 12), decision{}},
		{"somebody watches", schemas.Request{}, postgres.ImportRow{}, nil, 100, 100, nil, decision{}},
		{"only the plan", planOnly, postgres.ImportRow{}, nil, 100, 0, nil, decision{wait: true}},
		{"confirmed although errors", unattended, postgres.ImportRow{Confirmed: true}, nil, 100, 99, nil, decision{}},
		{"confirmed on this base", planOnly, postgres.ImportRow{Confirmed: true, BaseVersion: new(int64(7))}, nil, 1, 0, nil, decision{}},
		{"confirmed on another base", planOnly, postgres.ImportRow{Confirmed: true, BaseVersion: &base}, nil, 1, 0, nil,
			decision{wait: true, held: true, code: "TARGET_CHANGED", unconfirm: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			run := &pipeline.Run{Request: tt.request, BaseVersion: 7}
			run.Account.Settings.HoldAbove = tt.holdAbove
			run.Facts.Ledger = schemas.Ledger{Read: tt.read, Rejected: tt.rejected}
			if got := decide(run, tt.row, tt.past); got != tt.want {
				t.Errorf("decision is %+v, want %+v", got, tt.want)
			}
		})
	}
}
