package htmlreport

import (
	"math"
	"unicode"
)

// Charts are laid out without knowing the font that will draw them, so widths are
// those of a wide one: better some room too much than two labels in one place.
const (
	fontSize   = 12.0
	digitWidth = 0.66 // of the font size; DejaVu Sans and Verdana have 0.64
	otherWidth = 0.70
	wideWidth  = 1.10 // of scripts that are written in squares
	lineHeight = 1.25
)

// textWidth is how wide a text is at most.
func textWidth(text string) float64 {
	width := 0.0
	for _, r := range text {
		switch {
		case unicode.IsDigit(r) || unicode.IsPunct(r) || unicode.IsSpace(r):
			width += digitWidth
		case r >= 0x1100:
			width += wideWidth
		default:
			width += otherWidth
		}
	}
	return width * fontSize
}

// label is a text in a chart; Y is its baseline.
type label struct {
	X, Y   float64
	Anchor string // start, middle or end
	Text   string
}

// box is where something is drawn.
type box struct{ left, top, right, bottom float64 }

func (b box) overlaps(c box) bool {
	return b.left < c.right && c.left < b.right && b.top < c.bottom && c.top < b.bottom
}

func (l label) box() box {
	width := textWidth(l.Text)
	left := l.X
	switch l.Anchor {
	case "middle":
		left -= width / 2
	case "end":
		left -= width
	}
	ascent := 0.8 * lineHeight * fontSize
	return box{left, l.Y - ascent, left + width, l.Y - ascent + lineHeight*fontSize}
}

// niceTicks are the values at which an axis of counts is marked: from 0 in equal
// steps of 1, 2 or 5 times a power of ten, the last of them at or above max, and
// about as many steps as are wanted.
func niceTicks(most int64, steps int) []int64 {
	if most <= 0 {
		return []int64{0, 1}
	}
	raw := float64(most) / float64(steps)
	power := math.Pow10(int(math.Floor(math.Log10(raw))))
	step := power
	for _, m := range []float64{1, 2, 5, 10} {
		if step = m * power; step >= raw {
			break
		}
	}
	by := max(int64(math.Round(step)), 1)
	ticks := []int64{0}
	for ticks[len(ticks)-1] < most {
		ticks = append(ticks, ticks[len(ticks)-1]+by)
	}
	return ticks
}

// labelGap is the least room between two labels of an axis.
const labelGap = 10

// axisLabels writes as many of the texts below their places as fit between left
// and right without touching. They come at equal steps, counted from the last
// one, which is today: it is always there.
func axisLabels(texts []string, at func(int) float64, y, left, right float64) []label {
	for _, step := range []int{1, 2, 3, 5, 7, 10, 14, 15, 20, 30, 50, 100} {
		if list, ok := everyLabel(texts, at, y, left, right, step); ok {
			return list
		}
	}
	list, _ := everyLabel(texts, at, y, left, right, max(len(texts), 1))
	return list
}

func everyLabel(texts []string, at func(int) float64, y, left, right float64, step int) ([]label, bool) {
	var list []label
	limit := math.Inf(1) // where the label to the right begins
	for i := len(texts) - 1; i >= 0; i -= step {
		l := label{X: at(i), Y: y, Anchor: "middle", Text: texts[i]}
		width := textWidth(l.Text)
		l.X = min(max(l.X, left+width/2), right-width/2)
		if b := l.box(); b.right > limit-labelGap && len(list) > 0 {
			if at(i)-width/2 < left {
				continue // the first one, pushed in from the edge: left out
			}
			return nil, false
		}
		limit = l.box().left
		list = append(list, l)
	}
	return list, true
}
