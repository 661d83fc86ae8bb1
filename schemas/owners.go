package schemas

import "slices"

// DistributionPrefix starts an owner that is to be drawn: the name of a
// distribution follows.
const DistributionPrefix = "distribution:"

// Distribution gives prospects to its members in turn.
type Distribution struct {
	Name    string   `json:"name"`
	Members []string `json:"members"`
	// Next is the index of the member whose turn it is; 0 without members.
	Next int `json:"next"`
}

// Draw gives n turns to the members, beginning with members[next], and returns
// whose they are and whose turn it is then. A next outside the members begins at
// the first; without members nobody draws and owners is empty. While the members
// stay the same, the numbers of turns that any two of them had, over all calls
// that hand newNext on, differ by at most one.
func Draw(members []string, next, n int) (owners []string, newNext int) {
	if len(members) == 0 || n <= 0 {
		return nil, turn(next, len(members))
	}
	next = turn(next, len(members))
	owners = make([]string, n)
	for i := range owners {
		owners[i] = members[(next+i)%len(members)]
	}
	return owners, (next + n) % len(members)
}

func turn(next, members int) int {
	if next < 0 || next >= members {
		return 0
	}
	return next
}

// Join adds members at the end, each once: who is in it by folded name already
// stays where he is. Whose turn it is stays so.
func (d *Distribution) Join(members ...string) {
	for _, m := range members {
		if d.index(m) < 0 {
			d.Members = append(d.Members, m)
		}
	}
	d.Next = turn(d.Next, len(d.Members))
}

// Leave removes members by folded name and reports whether all of them were
// there. Whose turn it is stays so; when it was a removed one's, it is the next
// one's.
func (d *Distribution) Leave(members ...string) bool {
	all := true
	for _, m := range members {
		i := d.index(m)
		if i < 0 {
			all = false
			continue
		}
		d.Members = slices.Delete(slices.Clone(d.Members), i, i+1)
		if i < d.Next {
			d.Next--
		}
	}
	d.Next = turn(d.Next, len(d.Members))
	return all
}

func (d *Distribution) index(member string) int {
	folded := FoldLabel(member)
	return slices.IndexFunc(d.Members, func(m string) bool { return FoldLabel(m) == folded })
}
