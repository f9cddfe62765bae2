package view

import (
	"refundctl/apply"
	"refundctl/plan"
)

// Watch tells of a run while it works, and sums it up at the end. All of them are safe for
// concurrent use, and fall silent when their writer fails: a run goes on without its audience.
type Watch interface {
	apply.Observer
	// Begin says that the creates of p are about to be sent. Events before it belong to recovery.
	Begin(p *plan.Plan)
	// End writes the sums. Nothing may be observed after it. It returns the first error of all
	// that was written.
	End(r apply.Result, exitCode int) error
}

// Silent hears everything and says nothing.
type Silent struct{}

// Observe does nothing.
func (Silent) Observe(apply.Event) {}
