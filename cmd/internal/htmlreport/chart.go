package htmlreport

import (
	"fmt"
	"strconv"
)

// series is one layer of stacked columns.
type series struct {
	Class  string // of the style sheet: its fill
	Name   string
	Counts []int64
	Total  int64
	Share  string // of all layers
	Number string
}

// rect is a part of a column.
type rect struct {
	X, Y, W, H float64
	Class      string
}

// column is one stack, with the sentence that it stands for.
type column struct {
	Parts []rect
	Hit   rect // its whole height, to be pointed at
	Title string
}

// tick is a line across the chart.
type tick struct {
	Y     float64
	Label label
}

// columnChart is a chart of stacked columns over time, laid out for one width.
type columnChart struct {
	ID          string
	Class       string // wide or narrow: the style sheet shows one of them
	Title, Desc string
	W, H        float64
	Left, Right float64 // of the plot
	Base        float64 // y of zero
	Ticks       []tick
	Labels      []label
	Columns     []column
	Peak        *label
}

// Widths that charts are laid out in: a page on a desk or on paper, and a phone.
var chartWidths = []struct {
	class  string
	width  float64
	height float64
}{{"wide", 800, 230}, {"narrow", 340, 210}}

// plot is what a chart shows.
type plot struct {
	ID, Title, Desc string
	Labels          []string // below the columns
	Names           []string // of the columns in sentences
	Layers          []series
}

// most is the largest sum of a column, and where it is.
func (p plot) most() (most int64, at int) {
	for i := range p.Labels {
		if sum := p.sum(i); sum > most {
			most, at = sum, i
		}
	}
	return most, at
}

func (p plot) sum(i int) (sum int64) {
	for _, layer := range p.Layers {
		sum += layer.Counts[i]
	}
	return sum
}

// charts lays a plot out in every width.
func (s speaker) charts(p plot) []columnChart {
	list := make([]columnChart, len(chartWidths))
	for i, w := range chartWidths {
		list[i] = s.chart(p, w.class, w.width, w.height)
	}
	return list
}

func (s speaker) chart(p plot, class string, width, height float64) columnChart {
	most, peak := p.most()
	ticks := niceTicks(most, 4)
	top := ticks[len(ticks)-1]
	c := columnChart{ID: p.ID + "-" + class, Class: class, Title: p.Title, Desc: p.Desc, W: width, H: height, Right: width}
	for _, t := range ticks {
		c.Left = max(c.Left, textWidth(s.Number(t))+8)
	}
	const above, below = 22, 26
	c.Base = height - below
	y := func(n int64) float64 { return c.Base - (c.Base-above)*float64(n)/float64(top) }
	for _, t := range ticks {
		c.Ticks = append(c.Ticks, tick{Y: y(t), Label: label{X: c.Left - 8, Y: y(t) + 4, Anchor: "end", Text: s.Number(t)}})
	}
	slot := (c.Right - c.Left) / float64(max(len(p.Labels), 1))
	center := func(i int) float64 { return c.Left + slot*(float64(i)+0.5) }
	c.Labels = axisLabels(p.Labels, center, height-6, c.Left, c.Right)
	for i := range p.Labels {
		c.Columns = append(c.Columns, s.column(p, i, center(i), slot, above, y))
	}
	if most > 0 {
		text := s.Number(most)
		half := textWidth(text) / 2
		c.Peak = &label{X: min(max(center(peak), c.Left+half), c.Right-half), Y: y(most) - 6, Anchor: "middle", Text: text}
	}
	return c
}

// column stacks the layers of one place. What is not nothing can be seen.
func (s speaker) column(p plot, i int, center, slot, above float64, y func(int64) float64) column {
	const thinnest = 0.8
	width := min(max(slot*0.74, thinnest), 42)
	base := y(0)
	c := column{Hit: rect{X: center - slot/2, Y: above, W: slot, H: base - above}, Title: p.Names[i] + ": " + s.Number(p.sum(i))}
	at := base
	below := int64(0)
	for _, layer := range p.Layers {
		n := layer.Counts[i]
		if n == 0 {
			continue
		}
		below += n
		edge := min(y(below), at-thinnest)
		c.Parts = append(c.Parts, rect{X: center - width/2, Y: edge, W: width, H: at - edge, Class: layer.Class})
		at = edge
		c.Title += fmt.Sprintf("; %s %s", layer.Name, s.Number(n))
	}
	return c
}

// px writes a length of an SVG.
func px(x float64) string {
	return strconv.FormatFloat(float64(int(x*100+0.5))/100, 'f', -1, 64)
}

// bar is one horizontal bar in a table, in hundredths of its cell.
type bar struct {
	Parts []rect
	Next  string // points of the band that leads to the bar below, "" for none
}

// single is a bar of one part.
func single(class string, part, whole float64) bar {
	if whole <= 0 || part <= 0 {
		return bar{}
	}
	return bar{Parts: []rect{{W: max(min(100*part/whole, 100), 0.4), H: 10, Class: class}}}
}

// stacked is a bar of the parts of a whole.
func stacked(classes []string, counts []int64) bar {
	var whole, at float64
	for _, n := range counts {
		whole += float64(n)
	}
	var b bar
	for i, n := range counts {
		if n > 0 {
			w := 100 * float64(n) / whole
			b.Parts = append(b.Parts, rect{X: at, W: w, H: 10, Class: classes[i]})
			at += w
		}
	}
	return b
}
