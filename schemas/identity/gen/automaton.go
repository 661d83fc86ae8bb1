package main

import (
	"encoding/binary"
	"fmt"
	"regexp/syntax"

	"github.com/nyaruka/phonenumbers"
)

// Line types, in the numbering of identity.lineType; a test there compares the two.
const (
	fixed = 1 + iota
	mobile
	fixedOrMobile
	tollFree
	premium
	sharedCost
	voip
	personal
	pager
	uan
	voicemail
	data
)

// pattern is one line type of a region: the numbers that match expr and have one of the lengths.
type pattern struct {
	kind    int
	expr    string
	lengths uint32 // 0 means any
	prog    *syntax.Prog
}

// member is one region of a calling code, its patterns in the order in which the library asks them.
type member struct {
	general  pattern
	patterns []pattern
	extra    []pattern
	leading  *pattern // a region whose numbers are known by their first digits
	same     bool     // landlines and mobiles have one pattern
}

func newMember(m *phonenumbers.PhoneMetadata, extra []pattern) (member, error) {
	var r member
	var err error
	compile := func(kind int, d *phonenumbers.PhoneNumberDesc) pattern {
		p := pattern{kind: kind, expr: d.GetNationalNumberPattern()}
		lengths := d.GetPossibleLength()
		if len(lengths) == 0 {
			lengths = m.GetGeneralDesc().GetPossibleLength()
		}
		for _, n := range lengths {
			if n < 0 { // the type does not exist here
				return pattern{kind: kind}
			}
			p.lengths |= 1 << n
		}
		if e := p.compile(); e != nil && err == nil {
			err = fmt.Errorf("region %s: %w", m.GetId(), e)
		}
		return p
	}
	r.general = compile(0, m.GetGeneralDesc())
	r.patterns = []pattern{
		compile(premium, m.GetPremiumRate()), compile(tollFree, m.GetTollFree()), compile(sharedCost, m.GetSharedCost()),
		compile(voip, m.GetVoip()), compile(personal, m.GetPersonalNumber()), compile(pager, m.GetPager()),
		compile(uan, m.GetUan()), compile(voicemail, m.GetVoicemail()), compile(fixed, m.GetFixedLine()), compile(mobile, m.GetMobile()),
	}
	r.same = m.GetSameMobileAndFixedLinePattern()
	for _, p := range extra {
		if e := p.compile(); e != nil && err == nil {
			err = e
		}
		r.extra = append(r.extra, p)
	}
	if m.GetLeadingDigits() != "" {
		r.leading = &pattern{expr: "(?:" + m.GetLeadingDigits() + `)\d*`}
		if e := r.leading.compile(); e != nil && err == nil {
			err = e
		}
	}
	return r, err
}

func (p *pattern) compile() error {
	if p.expr == "" || p.expr == "NA" {
		p.prog = nil
		return nil
	}
	tree, err := syntax.Parse(p.expr, syntax.Perl)
	if err != nil {
		return err
	}
	p.prog, err = syntax.Compile(tree.Simplify())
	return err
}

// threads is the set of instructions of one pattern that are alive after some digits, as a bit set.
type threads []uint64

func (t threads) has(pc uint32) bool { return t[pc/64]&(1<<(pc%64)) != 0 }

func (p *pattern) start() threads {
	if p.prog == nil {
		return nil
	}
	t := make(threads, (len(p.prog.Inst)+63)/64)
	p.follow(t, uint32(p.prog.Start))
	return t
}

func (p *pattern) follow(t threads, pc uint32) {
	if t.has(pc) {
		return
	}
	t[pc/64] |= 1 << (pc % 64)
	switch in := &p.prog.Inst[pc]; in.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		p.follow(t, in.Out)
		p.follow(t, in.Arg)
	case syntax.InstCapture, syntax.InstNop, syntax.InstEmptyWidth:
		p.follow(t, in.Out)
	}
}

func (p *pattern) step(t threads, digit rune) threads {
	if t == nil {
		return nil
	}
	next := make(threads, len(t))
	alive := false
	for pc := range p.prog.Inst {
		in := &p.prog.Inst[pc]
		switch in.Op {
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			if t.has(uint32(pc)) && in.MatchRune(digit) {
				p.follow(next, in.Out)
				alive = true
			}
		}
	}
	if !alive {
		return nil
	}
	return next
}

func (p *pattern) matches(t threads, length int) bool {
	if t == nil || p.lengths != 0 && p.lengths&(1<<length) == 0 {
		return false
	}
	for pc := range p.prog.Inst {
		if t.has(uint32(pc)) && p.prog.Inst[pc].Op == syntax.InstMatch {
			return true
		}
	}
	return false
}

// each calls f for every pattern of the region, in a fixed order.
func (m *member) each(f func(*pattern)) {
	f(&m.general)
	for i := range m.patterns {
		f(&m.patterns[i])
	}
	for i := range m.extra {
		f(&m.extra[i])
	}
	if m.leading != nil {
		f(m.leading)
	}
}

// label is the library's decision over the threads of all regions, taken from set in the order of each.
func label(members []member, set []threads, length int) uint16 {
	at := 0
	for i := range members {
		m := &members[i]
		kind, leads := m.decide(set, &at, length)
		if kind != 0 || leads {
			if kind == 0 {
				return 0
			}
			return uint16(i*16 + kind)
		}
	}
	return 0
}

func (m *member) decide(set []threads, at *int, length int) (kind int, leads bool) {
	take := func(p *pattern) bool {
		ok := p.matches(set[*at], length)
		*at++
		return ok
	}
	possible := take(&m.general)
	var isFixed, isMobile bool
	for i := range m.patterns {
		p := &m.patterns[i]
		ok := take(p)
		switch p.kind {
		case fixed:
			isFixed = ok
		case mobile:
			isMobile = ok
		default:
			if ok && kind == 0 {
				kind = p.kind
			}
		}
	}
	if kind == 0 {
		switch {
		case isFixed && (m.same || isMobile):
			kind = fixedOrMobile
		case isFixed:
			kind = fixed
		case isMobile && !m.same:
			kind = mobile
		}
	}
	if !possible {
		kind = 0
	}
	for i := range m.extra {
		if take(&m.extra[i]) && kind == 0 {
			kind = m.extra[i].kind
		}
	}
	if m.leading == nil {
		return kind, false
	}
	leads = take(m.leading)
	if !leads {
		kind = 0
	}
	return kind, leads
}

// builder collects the states of all plans; equal states exist once.
type builder struct {
	states []state
	index  map[state]uint16
}

type state struct {
	next  [10]uint16
	label uint16
}

func newBuilder() *builder {
	return &builder{states: make([]state, 1), index: map[state]uint16{{}: 0}}
}

// maxLength is the longest national number of any plan.
const maxLength = 15

// add builds the automaton of one calling code and returns its first state.
func (b *builder) add(members []member) uint16 {
	var set []threads
	for i := range members {
		members[i].each(func(p *pattern) { set = append(set, p.start()) })
	}
	return b.visit(members, set, 0, map[string]uint16{})
}

func (b *builder) visit(members []member, set []threads, length int, seen map[string]uint16) uint16 {
	key := setKey(set, length)
	if id, ok := seen[key]; ok {
		return id
	}
	s := state{label: label(members, set, length)}
	if length < maxLength {
		for digit := range 10 {
			next, i, alive := make([]threads, len(set)), 0, false
			for m := range members {
				members[m].each(func(p *pattern) {
					next[i] = p.step(set[i], rune('0'+digit))
					alive = alive || next[i] != nil
					i++
				})
			}
			if alive {
				s.next[digit] = b.visit(members, next, length+1, seen)
			}
		}
	}
	id, ok := b.index[s]
	if !ok {
		if len(b.states) > 1<<16-1 {
			panic("more states than an index holds")
		}
		id = uint16(len(b.states))
		b.states = append(b.states, s)
		b.index[s] = id
	}
	seen[key] = id
	return id
}

func setKey(set []threads, length int) string {
	key := []byte{byte(length)}
	for _, t := range set {
		if t == nil {
			key = append(key, 0)
			continue
		}
		key = append(key, 1)
		for _, w := range t {
			key = binary.LittleEndian.AppendUint64(key, w)
		}
	}
	return string(key)
}
