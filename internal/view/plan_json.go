package view

import (
	"io"
	"time"

	"refundctl/plan"
)

// PlanFile is what only a saved plan has. It is zero for a plan that was not saved.
type PlanFile struct {
	Digest    string
	ExpiresAt time.Time
	Now       time.Time // the time of printing; zero: before it expires
	Apply     string    // the command that sends it
}

// PlanJSON prints a plan as plan.Encode writes it. For a saved plan that is the file.
func PlanJSON(w io.Writer, p *plan.Plan, f PlanFile) error {
	text, err := plan.Encode(p, f.ExpiresAt)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}
