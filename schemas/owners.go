package schemas

import "slices"

// DistributionPrefix starts an owner that is to be drawn: the name of a
// distribution follows.
const DistributionPrefix = "distribution:"

// Distribution gives prospects to its members in turn.
type Distribution struct {
	Name    string   `json:"name"`
	Members []string `json:"members"`
	// Next is the index of the member whose turn it is when all that came back are used
	// up; 0 without members.
	Next int `json:"next"`
	// Returned are members whose turns came back, in order: they come before Next.
	Returned []string `json:"returned"`
}

// Draw gives n turns, first those that came back, and returns whose they are. A turn of
// nobody is the first one's; without members nobody draws and owners is empty. While the
// members stay the same, the numbers of turns that any two of them have, with those that
// came back, differ by at most one.
func (d *Distribution) Draw(n int) (owners []string) {
	d.Next = turn(d.Next, len(d.Members))
	if len(d.Members) == 0 || n <= 0 {
		return nil
	}
	back := min(n, len(d.Returned))
	owners = append(make([]string, 0, n), d.Returned[:back]...)
	d.Returned = d.Returned[back:]
	for range n - back {
		owners = append(owners, d.Members[d.Next])
		d.Next = (d.Next + 1) % len(d.Members)
	}
	d.evenOut()
	return owners
}

// GiveBack takes turns back, in the order in which they were drawn: they are the next
// ones, and all of them until somebody draws, so that whoever draws the same again gets
// the same. Who is no member any more has no turn.
func (d *Distribution) GiveBack(owners []string) {
	var back []string
	known := map[string]int{}
	for _, o := range owners {
		i, ok := known[o]
		if !ok {
			i = d.index(o)
			known[o] = i
		}
		if i >= 0 {
			back = append(back, d.Members[i])
		}
	}
	d.Returned = append(back, d.Returned...)
}

// evenOut takes whole rounds, a turn of every member each, out of those that came back,
// the last ones first: shares are as even without them, and they do not pile up.
func (d *Distribution) evenOut() {
	turns := map[string]int{}
	for _, m := range d.Returned {
		turns[m]++
	}
	rounds := len(d.Returned)
	for _, m := range d.Members {
		rounds = min(rounds, turns[m])
	}
	if rounds == 0 {
		return
	}
	// Of each member as many are left as are above the rounds.
	var left []string
	for _, m := range d.Returned {
		if turns[m] > rounds {
			turns[m]--
			left = append(left, m)
		}
	}
	d.Returned = left
}

func turn(next, members int) int {
	if next < 0 || next >= members {
		return 0
	}
	return next
}

// Join adds members at the end, each once: who is in it by folded name already
// stays where he is. Whose turn it is stays so, but for whole rounds that came back: who
// joins does not wait for them.
func (d *Distribution) Join(members ...string) {
	d.evenOut()
	for _, m := range members {
		if d.index(m) < 0 {
			d.Members = append(d.Members, m)
		}
	}
	d.Next = turn(d.Next, len(d.Members))
}

// Leave removes members by folded name and reports whether all of them were
// there. Whose turn it is stays so; when it was a removed one's, it is the next
// one's. Turns of theirs that came back end.
func (d *Distribution) Leave(members ...string) bool {
	all := true
	for _, m := range members {
		i := d.index(m)
		if i < 0 {
			all = false
			continue
		}
		gone := d.Members[i]
		d.Members = slices.Delete(slices.Clone(d.Members), i, i+1)
		d.Returned = slices.DeleteFunc(slices.Clone(d.Returned), func(r string) bool { return r == gone })
		if i < d.Next {
			d.Next--
		}
	}
	d.Next = turn(d.Next, len(d.Members))
	d.evenOut()
	return all
}

func (d *Distribution) index(member string) int {
	folded := FoldLabel(member)
	return slices.IndexFunc(d.Members, func(m string) bool { return FoldLabel(m) == folded })
}
