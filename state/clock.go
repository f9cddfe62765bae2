package state

import (
	"context"
	"maps"
	"slices"
	"time"
)

// Skew is how far apart clocks may be. A time further ahead of the clock is from the future (R14).
const Skew = 5 * time.Minute

// Acceptance is a person's decision about a run whose clock was ahead: its events count as of the time of the
// acceptance. The earliest acceptance of a run counts.
type Acceptance struct {
	Run    string
	Reason string
}

func (a *Acceptance) wire(c codec) {
	c.interned("accepted_run", &a.Run)
	c.text("reason", &a.Reason)
}

func (a *Acceptance) problem() string {
	if a.Run == "" || a.Reason == "" {
		return "the accepted run or the reason is missing"
	}
	return ""
}

// acceptances are the times of acceptance, in Unix nanoseconds, by run id.
type acceptances map[string]int64

// add takes in an acceptance, and reports whether it is the earliest of its run.
func (a acceptances) add(run string, at int64) bool {
	if have, known := a[run]; known && have <= at {
		return false
	}
	a[run] = at
	return true
}

// timeOf is the time as of which an event of a run counts. An event of an accepted run that is later than
// the acceptance counts as of just before it; the order of the events stays.
func (a acceptances) timeOf(run string, seq int, at int64) int64 {
	const room = int64(time.Millisecond)
	if accepted, known := a[run]; known && at > accepted {
		return accepted - room + min(int64(seq), room-1)
	}
	return at
}

// accept takes in an acceptance. Events of the run that were folded before have another time now: the State
// is stale, and loading folds again with the acceptance known. A session's own acceptance is for the next
// run.
func (s *State) accept(a *Acceptance, at int64) {
	s.stale = s.accepted.add(a.Run, at) || s.stale
}

// beganAt is the time of the run's header, as it counts.
func (s *State) beganAt(run *chain) time.Time {
	return unixTime(s.accepted.timeOf(run.run.ID, 1, run.run.At.UnixNano()))
}

// endedAt is the time of the run's last event, as it counts.
func (s *State) endedAt(run *chain) time.Time {
	return unixTime(s.accepted.timeOf(run.run.ID, len(run.hashes), run.lastAt))
}

// RunsAhead returns a notice for each run with times ahead of the clock, sorted by line: FromTheFuture if by
// more than Skew, else ClockSkew. Accepted runs are not among them.
func (s *State) RunsAhead(now time.Time) []Notice {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.runsAhead(now)
}

func (s *State) runsAhead(now time.Time) []Notice {
	var all []Notice
	for _, run := range s.chains {
		n := Notice{Kind: ClockSkew, Run: run.run.ID, Line: run.line, At: s.beganAt(run)}
		if !n.At.After(now.Add(Skew)) { // the clock may have been set while the run went on
			n.Line, n.At = run.lastLine, s.endedAt(run)
		}
		if n.By = n.At.Sub(now); n.By > Skew {
			n.Kind = FromTheFuture
		}
		if n.By > time.Second { // times rise within a ledger, so a run may be a moment ahead of its own clock
			all = append(all, n)
		}
	}
	slices.SortFunc(all, func(a, b Notice) int { return a.Line - b.Line })
	return all
}

// timeNotices returns all notices about the times of runs, sorted by line.
func (s *State) timeNotices(now time.Time) []Notice {
	all := append(s.runsAhead(now), s.earlyRuns()...)
	for id, at := range s.accepted {
		if run := s.chains[id]; run != nil && run.lastAt > at {
			all = append(all, Notice{Kind: TimeAccepted, Run: id, Line: run.line, At: unixTime(at), By: time.Duration(run.lastAt - at)})
		}
	}
	slices.SortStableFunc(all, func(a, b Notice) int { return a.Line - b.Line })
	return all
}

// earlyRuns returns a notice for each run that says it began before the ledger did, or before the end of a run
// that it cites: its clock was behind, or it is not what it says.
func (s *State) earlyRuns() []Notice {
	if len(s.chains) == 0 {
		return nil
	}
	first := slices.MinFunc(slices.Collect(maps.Values(s.chains)), func(a, b *chain) int { return a.line - b.line })
	var all []Notice
	owners := s.chains.byLast()
	for _, run := range s.chains {
		before := s.beganAt(first)
		for _, d := range run.cites {
			if seen := owners[d]; seen != nil && s.endedAt(seen).After(before) {
				before = s.endedAt(seen)
			}
		}
		if by := before.Sub(run.run.At); by > 0 {
			all = append(all, Notice{Kind: TooEarly, Run: run.run.ID, Line: run.line, At: run.run.At, By: by})
		}
	}
	return all
}

// lastNotAhead is the time of the last event, as it counts, without those that are ahead of the clock by more
// than Skew.
func (s *State) lastNotAhead(now time.Time) time.Time {
	var last time.Time
	for _, run := range s.chains {
		for _, at := range []time.Time{s.beganAt(run), s.endedAt(run)} {
			if at.After(last) && !at.After(now.Add(Skew)) {
				last = at
			}
		}
	}
	return last
}

// AcceptTime records that a person accepts a run's times from the future. From the next run on, its events
// count as of now.
func (s *Session) AcceptTime(ctx context.Context, a Acceptance) error {
	return s.append(ctx, &event{Type: typeAccept, Accept: a})
}
