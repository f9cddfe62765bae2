package view

import (
	"refundctl/apply"
	"refundctl/plan"
)

// Watch reports a run while it works, and sums it up at the end. Every Watch is safe for concurrent use. It
// stops writing when its writer fails; the run goes on.
type Watch interface {
	apply.Observer
	// Begin announces that the creates of p are about to be sent. Events before it belong to recovery.
	Begin(p *plan.Plan)
	// End writes the sums. Nothing may be observed after it. It returns the first error of everything written.
	End(r apply.Result, exitCode int) error
}

// Silent is a Watch that prints nothing.
type Silent struct{}

// Observe does nothing.
func (Silent) Observe(apply.Event) {}
