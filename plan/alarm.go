package plan

import (
	"slices"
	"time"

	"refundctl/internal/refund"
	"refundctl/state"
)

// AlarmKind says why a refund that was sent needs a person. Its value is a code in documents.
type AlarmKind string

// The kinds of alarms.
const (
	Reversed    AlarmKind = "reversed"     // paid earlier, and dead at the API now
	NeverPaid   AlarmKind = "failed"       // dead at the API, and never paid
	MissingLive AlarmKind = "missing_live" // accepted, and no longer listed by the API
)

// Alarm is a refund that needs a person as long as a manifest asks for it, whoever saw it first. Removing its
// row, or adding one that supersedes it, ends the alarm.
type Alarm struct {
	Kind AlarmKind
	state.Entry
}

// Desired is what the manifests ask for, as far as alarms depend on it.
type Desired struct {
	Unread   bool // the manifests could not be read completely, so any refund may be desired
	asked    map[refund.Identity]bool
	replaced map[refund.Identity]string // by the refund_id of the row that supersedes it
}

// DesiredBy takes in the rows of manifests. fingerprints are those of the accounts, by name; rows of other
// accounts do not count.
func DesiredBy(specs []refund.Spec, fingerprints map[string]string) Desired {
	d := Desired{asked: map[refund.Identity]bool{}, replaced: map[refund.Identity]string{}}
	for i := range specs {
		s := &specs[i]
		fingerprint, ours := fingerprints[s.Account]
		if !ours {
			continue
		}
		id := s.Identity(fingerprint)
		d.asked[id] = true
		if old, replaces := superseded(s, id.Parent); replaces {
			d.replaced[old] = s.RefundID
		}
	}
	return d
}

// superseded returns the refund that a row of the parent replaces.
func superseded(s *refund.Spec, p refund.Parent) (old refund.Identity, replaces bool) {
	return refund.Identity{Parent: p, RefundID: s.Supersedes}, s.Supersedes != ""
}

// Asks reports whether a manifest asks for the refund.
func (d Desired) Asks(id refund.Identity) bool { return d.Unread || d.asked[id] }

// ReplacedBy returns the refund_id of the row that supersedes the refund; empty if there is none.
func (d Desired) ReplacedBy(id refund.Identity) string { return d.replaced[id] }

// Alarms returns the alarms among the entries, in their order.
func (d Desired) Alarms(entries []state.Entry) []Alarm {
	var all []Alarm
	for _, e := range entries {
		if kind := d.alarm(e); kind != "" {
			all = append(all, Alarm{kind, e})
		}
	}
	return all
}

// alarm returns the kind of the refund's alarm; empty if it needs nobody.
func (d Desired) alarm(e state.Entry) AlarmKind {
	switch {
	case !d.Asks(e.ID):
		return ""
	case !e.MissingSince.IsZero():
		return MissingLive
	case e.Phase != state.Failed || d.ReplacedBy(e.ID) != "":
		return ""
	case e.Reversed():
		return Reversed
	}
	return NeverPaid
}

// Misses reports whether the read proves that the API no longer lists a refund that it accepted. A failed read
// proves nothing, and until settleAfter a list may lag.
func (p ParentRead) Misses(e state.Entry, now time.Time, settleAfter time.Duration) bool {
	return p.Good() && e.Phase.Sent() && len(p.Find(e.ID.RefundID)) == 0 && e.MustBeListed(now, settleAfter)
}

// AlarmTally is the refunds of one kind of alarm.
type AlarmTally struct {
	Kind AlarmKind
	Tally
}

// SumAlarms adds up alarms by kind, in the order of AlarmKinds, kinds without refunds left out. The alarms must
// be of one environment.
func SumAlarms(alarms []Alarm) []AlarmTally {
	var all []AlarmTally
	for _, kind := range AlarmKinds {
		sum := AlarmTally{Kind: kind}
		for _, a := range alarms {
			if a.Kind == kind {
				sum.Add(a.Amount)
			}
		}
		if sum.Count > 0 {
			all = append(all, sum)
		}
	}
	return slices.Clip(all)
}

// AlarmKinds are all of them, in the order of reports.
var AlarmKinds = []AlarmKind{Reversed, NeverPaid, MissingLive}
