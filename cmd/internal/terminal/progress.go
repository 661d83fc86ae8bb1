package terminal

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

const (
	redrawEvery = 100 * time.Millisecond
	lineEvery   = 10 * time.Second // in a log, while a stage runs
)

// Progress shows how far an import is: a bar per stage on a terminal, a line
// per finished stage in a log. Its methods may be called from any goroutine.
type Progress struct {
	w     io.Writer
	width int // 0 = not a terminal
	words Words
	clock func() time.Time

	mu    sync.Mutex
	stage string
	began time.Time // of the stage
	drawn time.Time // last bar or line
	open  bool      // a bar stands on the current line
}

// NewProgress writes to w; it draws bars when w is a terminal.
func NewProgress(w io.Writer, words Words, clock func() time.Time) *Progress {
	return &Progress{w: w, width: Width(w), words: words, clock: clock}
}

// Update shows how far a stage is. Calls may come as often as they like.
func (p *Progress) Update(at pipeline.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock()
	if at.Stage != p.stage {
		p.stage, p.began, p.drawn = at.Stage, now, now
		if p.width > 0 {
			p.draw(p.bar(at, 0))
		}
		return
	}
	elapsed := now.Sub(p.began)
	switch {
	case p.width > 0 && now.Sub(p.drawn) >= redrawEvery:
		p.drawn = now
		p.draw(p.bar(at, elapsed))
	case p.width == 0 && now.Sub(p.drawn) >= lineEvery:
		p.drawn = now
		p.line(p.measures(at, elapsed))
	}
}

// Done closes a stage with what it took.
func (p *Progress) Done(t schemas.StageTime) {
	p.mu.Lock()
	defer p.mu.Unlock()
	elapsed := time.Duration(t.Seconds * float64(time.Second))
	p.stage = t.Name
	p.line(p.measures(pipeline.Progress{Stage: t.Name, Rows: t.Rows, Bytes: t.Bytes}, elapsed))
	p.stage = ""
}

// Close removes a bar that is still there.
func (p *Progress) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open {
		_, _ = io.WriteString(p.w, "\r\x1b[K")
		p.open = false
	}
}

func (p *Progress) draw(text string) {
	if utf8.RuneCountInString(text) >= p.width {
		text = string([]rune(text)[:p.width-1])
	}
	_, _ = io.WriteString(p.w, "\r\x1b[K"+text)
	p.open = true
}

func (p *Progress) line(measures string) {
	clear := ""
	if p.open {
		clear, p.open = "\r\x1b[K", false
	}
	_, _ = fmt.Fprintf(p.w, "%s%-9s %s\n", clear, p.words.Say("stage_"+p.stage), measures)
}

// bar is one line: name, bar when the end is known, rows, bytes, rate, time left.
func (p *Progress) bar(at pipeline.Progress, elapsed time.Duration) string {
	share := share(at)
	drawing := ""
	if share >= 0 {
		const cells = 24
		full := min(cells, int(share*cells))
		drawing = fmt.Sprintf("[%s%s] %3d%%  ", strings.Repeat("█", full), strings.Repeat("·", cells-full), int(share*100))
	}
	text := fmt.Sprintf("%-9s %s%s", p.words.Say("stage_"+at.Stage), drawing, p.measures(at, elapsed))
	if share > 0.01 && elapsed >= time.Second {
		left := time.Duration(float64(elapsed) * (1 - share) / share)
		text += "  " + p.words.Say("time_left", "time", p.duration(left))
	}
	return text
}

// share is how much of the stage is done, from 0 to 1, -1 when unknown.
func share(at pipeline.Progress) float64 {
	switch {
	case at.TotalBytes > 0:
		return min(1, float64(at.Bytes)/float64(at.TotalBytes))
	case at.TotalRows > 0:
		return min(1, float64(at.Rows)/float64(at.TotalRows))
	}
	return -1
}

func (p *Progress) measures(at pipeline.Progress, elapsed time.Duration) string {
	var parts []string
	if at.Rows > 0 {
		parts = append(parts, p.words.Say("rows", "count", at.Rows))
	}
	if at.Bytes > 0 {
		parts = append(parts, p.words.Size(at.Bytes))
	}
	if s := elapsed.Seconds(); s >= 0.1 && at.Rows > 0 {
		parts = append(parts, p.words.Say("rows_per_second", "count", int64(float64(at.Rows)/s)))
	}
	parts = append(parts, p.duration(elapsed))
	return strings.Join(parts, "  ")
}

// duration writes 0.4 s, 12 s, 3:07 or 1:02:03.
func (p *Progress) duration(d time.Duration) string {
	s := int(d.Seconds())
	switch {
	case d < 10*time.Second:
		return p.words.Decimal(d.Seconds(), 1) + " s"
	case d < time.Minute:
		return fmt.Sprintf("%d s", s)
	case d < time.Hour:
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}
