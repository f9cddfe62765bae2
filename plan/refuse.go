package plan

import (
	"fmt"
	"time"

	"refundctl/internal/refund"
	"refundctl/state"
)

// Why is the reason why a plan file is refused.
type Why string

// The reasons.
const (
	Altered       Why = "altered"        // not as it was saved
	UnknownFormat Why = "unknown_format" // in a format that this version cannot read
	Expired       Why = "expired"
	FromTheFuture Why = "from_the_future" // made by a clock that is ahead of this one: it would expire too late
	Foreign       Why = "foreign"         // made for another account or ledger
	Used          Why = "used"            // a run of it ended
	Overtaken     Why = "overtaken"       // another run has changed a parent of it
)

// FileError is the reason why a plan file is refused. Nothing in it may be sent.
type FileError struct {
	Why     Why
	Problem string        // Altered, Foreign: what is wrong
	Format  string        // UnknownFormat: the file's format_version
	At      time.Time     // Expired: when it expired; FromTheFuture: its time of creation; Used: when that run began; Overtaken: when the parent changed
	Run     string        // Used
	Parent  refund.Parent // Overtaken

	notSaved bool // Altered: plan --out did not write the file
}

// Error returns the reason with its facts.
func (e *FileError) Error() string {
	switch e.Why {
	case UnknownFormat:
		return fmt.Sprintf("the plan file has format %q; a newer refundctl may be able to read it", e.Format)
	case Expired:
		return "the plan expired at " + clock(e.At)
	case FromTheFuture:
		return "the plan was made at " + clock(e.At) + ", which is ahead of this clock"
	case Foreign:
		return "the plan is foreign: " + e.Problem
	case Used:
		return fmt.Sprintf("the plan was already used: run %s of %s ended", e.Run, clock(e.At))
	case Overtaken:
		return fmt.Sprintf("the plan was overtaken: another run changed %s %s at %s", e.Parent.Kind, e.Parent.ID, clock(e.At))
	}
	if e.notSaved {
		return "the file is not a saved plan: " + e.Problem
	}
	return "the plan file was altered: " + e.Problem
}

// Refuse returns a *FileError if the plan must not be applied now, with this ledger and these accounts. An
// interrupted run of the plan does not count as a use: the same file resumes it.
func (s Saved) Refuse(st *state.State, accounts []Account, now time.Time) error {
	if !now.Before(s.ExpiresAt) {
		return &FileError{Why: Expired, At: s.ExpiresAt}
	}
	if s.CreatedAt.After(now.Add(state.Skew)) {
		return &FileError{Why: FromTheFuture, At: s.CreatedAt}
	}
	if problem := s.foreign(st, accounts); problem != "" {
		return &FileError{Why: Foreign, Problem: problem}
	}
	for _, run := range st.Runs() {
		if run.Header.PlanDigest == s.Digest && run.End != nil {
			return &FileError{Why: Used, Run: run.ID, At: run.At}
		}
	}
	seen := st.SnapshotAt(s.Heads)
	for _, c := range s.Rows(Create) {
		if at := st.MovedSince(c.ID.Parent, seen, s.Digest); !at.IsZero() {
			return &FileError{Why: Overtaken, Parent: c.ID.Parent, At: at}
		}
	}
	return nil
}

// foreign says which account or ledger does not match; it is empty if all match.
func (s Saved) foreign(st *state.State, accounts []Account) string {
	here := map[string]Account{}
	for _, a := range accounts {
		here[a.Name] = a
	}
	for _, made := range s.Accounts {
		have, known := here[made.Name]
		switch {
		case !known:
			return fmt.Sprintf("account %s is not available", made.Name)
		case have.API != made.API || have.Environment != made.Environment || have.BaseURL != made.BaseURL:
			return fmt.Sprintf("account %s was at a different address: %s %s %s", made.Name, made.API, made.Environment, made.BaseURL)
		case have.Fingerprint != made.Fingerprint:
			return fmt.Sprintf("account %s belonged to a different merchant", made.Name)
		}
	}
	for _, head := range s.Heads {
		if !st.HasHead(head) {
			return "the ledger lacks events that the plan was based on"
		}
	}
	return ""
}

// Specs returns the refunds that the manifests asked for when the plan was made, in the plan's order.
func (s Saved) Specs() []refund.Spec {
	var specs []refund.Spec
	for _, c := range s.Changes {
		if c.Spec != nil {
			specs = append(specs, *c.Spec)
		}
	}
	return specs
}
