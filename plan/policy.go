package plan

import (
	"time"

	"refundctl/internal/refund"
	"refundctl/state"
)

// A guard is a name and a pure function that says why rows must not be sent. It sees all rows of
// one parent; only those whose action is Create at the start are asked about.
type guard struct {
	name  string
	check func(scope) verdict
}

// scope is what a parent's guards decide on.
type scope struct {
	parent   refund.Parent
	read     ParentRead
	rows     []Change
	union    []borne
	entries  []state.Entry
	vanished []state.Entry // sent, and no manifest asks for them any more
	nearby   []state.Entry // sent through another address that may lead to the same API, and not listed
	now      time.Time

	approval *Approval
}

// verdict holds the reasons against rows, by the row's index. No reason: it may go.
type verdict map[int]Reason

// guards in the order in which their reasons are told. All of them speak, so that a person sees
// every obstacle at once.
var guards = []guard{
	{"parent", guardParent},
	{"moved", guardMoved},
	{"in doubt", guardDoubt},
	{"window", guardWindow},
	{"supersedes", guardSupersedes},
	{"addresses", guardAddresses},
	{"duplicates", guardDuplicates},
	{"replacements", guardReplacements},
	{"balance", guardBalance},
	{"unlisted", guardUnlisted},
}

// guard lets every guard of a parent speak on the rows that would be created, and marks the rows
// that others replace.
func (g *group) guard(rows []Change, read ParentRead, now time.Time) {
	s := scope{g.parent, read, rows, g.union(read), g.entries, g.vanished(read), g.unlistedNearby(read), now, g.in.Approval}
	reasons := map[int][]Reason{}
	for _, guard := range guards {
		if g.in.Refresh == None && !read.Good() && guard.name == "parent" {
			continue
		}
		for i, r := range guard.check(s) {
			reasons[i] = append(reasons[i], r)
		}
	}
	for i := range rows {
		if rows[i].Action == Create && len(reasons[i]) > 0 {
			rows[i].Action, rows[i].Reasons = Blocked, reasons[i]
		}
	}
	// What was to go again and is blocked by now holds its parent back like any other doubt (R11).
	for i, r := range guardDoubt(s) {
		rows[i].Action, rows[i].Reasons = Blocked, []Reason{r}
	}
	markSuperseded(rows)
}

// creates calls f for each row that would be sent.
func (s scope) creates(f func(i int, c Change)) {
	for i, c := range s.rows {
		if c.Action == Create {
			f(i, c)
		}
	}
}

// all gives every create the same reason.
func (s scope) all(r Reason) verdict {
	v := verdict{}
	s.creates(func(i int, _ Change) { v[i] = r })
	return v
}
