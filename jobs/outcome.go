package jobs

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/postgres"
)

// Action is what becomes of a job and its import after an attempt.
type Action string

// Actions.
const (
	// ActDone: the work is committed, or was read to be done already.
	ActDone Action = "done"
	// ActRetry: the claim is given back and the job fails; River tries it again.
	ActRetry Action = "retry"
	// ActSnooze: somebody else holds what is needed. No attempt is counted.
	ActSnooze Action = "snooze"
	// ActLost: the claim was lost. Nothing is written, and the job fails.
	ActLost Action = "lost"
	// ActReject: the file is refused; the import ends in state rejected.
	ActReject Action = "reject"
	// ActFail: the import ends in state failed (a report: without report; datasets: without files).
	ActFail Action = "fail"
	// ActPlanAgain: the stored plan is of no use; the import is planned again.
	ActPlanAgain Action = "plan again"
)

// Decision is what Outcome decides.
type Decision struct {
	Action Action
	Delay  time.Duration // before the next attempt: retry and snooze
	Code   string        // why: reject and fail
}

// Try says which attempt at which phase ended.
type Try struct {
	Phase   postgres.Phase
	Attempt int // from 1
	Max     int // attempts the job has
	// Ended is the error of the job's own context: nil, canceled by a stop, or its
	// half hour was over. Whatever else broke then may have broken because of it.
	Ended error
}

// Delays and limits of Outcome.
const (
	// maxAttempts with retryDelay bridge an outage of about nine hours.
	maxAttempts = 48
	// maxTimeouts is how often a job may use up its half hour: what never ends in
	// it will not end the next time.
	maxTimeouts = 3

	busyDelay     = 10 * time.Second
	maxSnooze     = time.Hour
	maxRetryDelay = 15 * time.Minute
)

// Outcome decides what the error of an attempt means. It is the only place that
// does: workers hand their error in and follow the decision.
func Outcome(err error, try Try) Decision {
	switch {
	case err == nil, errors.Is(err, postgres.ErrNotOwed):
		return Decision{Action: ActDone}
	case pipeline.KindOf(err) == pipeline.KindFenced:
		return Decision{Action: ActLost}
	case errors.Is(try.Ended, context.Canceled):
		return Decision{Action: ActRetry} // another worker may go on at once
	case try.Ended != nil && try.Attempt >= maxTimeouts:
		return Decision{Action: ActFail, Code: "INTERNAL"}
	case try.Ended != nil:
		return Decision{Action: ActRetry, Delay: retryDelay(try.Attempt)}
	}
	switch pipeline.KindOf(err) {
	case pipeline.KindBusy:
		// Half an hour of a block is slept through, not asked about.
		return Decision{Action: ActSnooze, Delay: max(busyDelay, min(pipeline.WaitOf(err), maxSnooze))}
	case pipeline.KindTransient:
		if try.Attempt >= try.Max {
			return Decision{Action: ActFail, Code: orCode(err, "SERVICE_UNAVAILABLE")}
		}
		return Decision{Action: ActRetry, Delay: retryDelay(try.Attempt)}
	case pipeline.KindRejected:
		if code := pipeline.CodeOf(err); code != "" && !slices.Contains(postgres.Afterwards, try.Phase) {
			return Decision{Action: ActReject, Code: code}
		}
	case pipeline.KindStale:
		if try.Phase == postgres.PhaseApply {
			return Decision{Action: ActPlanAgain}
		}
	}
	return Decision{Action: ActFail, Code: orCode(err, "INTERNAL")}
}

func orCode(err error, code string) string {
	if c := pipeline.CodeOf(err); c != "" {
		return c
	}
	return code
}

// retryDelay is 1 s after the first attempt and doubles up to a quarter of an hour.
func retryDelay(attempt int) time.Duration {
	if attempt > 10 {
		return maxRetryDelay
	}
	return min(time.Second<<max(attempt-1, 0), maxRetryDelay)
}
