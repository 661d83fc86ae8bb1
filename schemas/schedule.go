package schemas

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Defaults of a connection's schedules.
const (
	DefaultEvery     = "15m"
	DefaultFullEvery = "7d"
)

// minInterval keeps a schedule from being a loop.
const minInterval = time.Minute

// Schedule is when something comes round: every Interval, or by Cron.
type Schedule struct {
	Interval time.Duration // 0 when Cron says it
	Cron     cron.Schedule
}

// ParseSchedule reads an interval (15m, 2h, 7d; at least a minute), or a cron
// expression of five fields or a name like @daily. "" is every 15 minutes.
func ParseSchedule(text string) (Schedule, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		text = DefaultEvery
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil {
			text = fmt.Sprintf("%dh", 24*n)
		}
	}
	if d, err := time.ParseDuration(text); err == nil {
		if d < minInterval || d > 366*24*time.Hour {
			return Schedule{}, errors.New("an interval is from one minute to a year long")
		}
		return Schedule{Interval: d}, nil
	}
	c, err := cron.ParseStandard(text)
	if err != nil || strings.HasPrefix(text, "@every") || strings.Contains(text, "TZ=") {
		return Schedule{}, fmt.Errorf("%q is neither an interval (15m, 2h, 7d) nor a cron expression (0 6 * * 1-5)", text)
	}
	return Schedule{Cron: c}, nil
}
