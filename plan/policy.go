package plan

import (
	"time"

	"refundctl/internal/refund"
	"refundctl/state"
)

// A guard is a name and a pure function: from the facts of one parent it returns the reasons why rows
// must not be sent. It changes nothing, and its reasons do not depend on the other guards. Only rows
// whose action is Create get reasons.
type guard struct {
	name  string
	check func(scope) verdict
}

// scope is what the guards of a parent decide on.
type scope struct {
	parent   refund.Parent
	read     ParentRead
	refresh  Refresh
	rows     []Change
	known    []knownRefund
	entries  []state.Entry
	vanished []state.Entry // sent, and no manifest asks for them now
	nearby   []state.Entry // sent through another address that may lead to the same API, and not in read
	now      time.Time

	approval *Approval
	held     int // the row that is judged as if it were not held; -1: the creates are judged
}

// verdict is at most one reason for each row, by the row's index. Without a reason the row may go.
type verdict map[int]Reason

// guards is the one list of them, in the order in which their reasons are reported. All of them run, so
// that a person sees every obstacle at once.
var guards = []guard{
	{"parent", guardParent},
	{"parent changed", guardParentChanged},
	{"in doubt", guardDoubt},
	{"window", guardWindow},
	{"supersedes", guardSupersedes},
	{"addresses", guardAddresses},
	{"duplicates", guardDuplicates},
	{"replacements", guardReplacements},
	{"balance", guardBalance},
	{"uncheckable", guardUncheckable},
}

// guard blocks the rows that a guard has a reason against, and marks the rows that others replace.
func (g *group) guard(rows []Change, read ParentRead, now time.Time) {
	s := scope{parent: g.parent, read: read, refresh: g.in.Refresh, rows: rows, known: g.known(read), entries: g.entries,
		vanished: g.vanished(read), nearby: g.unseenNearby(read), now: now, approval: g.in.Approval, held: -1}
	reasons := s.judge(guards...)
	g.release(s)
	for i := range rows {
		if rows[i].Action == Create && len(reasons[i]) > 0 {
			rows[i].Action, rows[i].Reasons = Blocked, reasons[i]
		}
	}
	// A refund in doubt that was to go again and is blocked now is in doubt like any other: it holds its
	// parent back (R11). The scope has the rows as they are after all guards.
	for i, r := range guardDoubt(s) {
		rows[i].Action, rows[i].Reasons = Blocked, []Reason{r}
	}
	markSuperseded(rows)
}

// judge returns the reasons of all guards against each row, by the row's index.
func (s scope) judge(guards ...guard) map[int][]Reason {
	reasons := map[int][]Reason{}
	for _, guard := range guards {
		for i, r := range guard.check(s) {
			reasons[i] = append(reasons[i], r)
		}
	}
	return reasons
}

// release judges each held row as if it alone were not held. No other row's guards count it.
func (g *group) release(s scope) {
	for i := range s.rows {
		c := &s.rows[i]
		if c.Action != Held || g.in.unapproved(c.ID) {
			continue
		}
		c.Action, s.held = Create, i
		c.WithoutHold = &Released{Action: Create}
		c.WithoutHold.block(s.judge(guards...)[i]...)
		c.Action = Held
	}
}

// eachCreate calls f for each row that is judged: those that would be sent, or the held one.
func (s scope) eachCreate(f func(i int, c Change)) {
	if s.held >= 0 {
		f(s.held, s.rows[s.held])
		return
	}
	for i, c := range s.rows {
		if c.Action == Create {
			f(i, c)
		}
	}
}

// all gives every create the same reason.
func (s scope) all(r Reason) verdict {
	v := verdict{}
	s.eachCreate(func(i int, _ Change) { v[i] = r })
	return v
}
