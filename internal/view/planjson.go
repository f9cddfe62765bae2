package view

import (
	"io"
	"time"

	"refundctl/plan"
)

// PlanFile is what only a saved plan has. The zero value is a plan that was not saved: its digest
// is empty and expires_at null.
type PlanFile struct {
	Digest    string
	ExpiresAt time.Time
	Now       time.Time // when it is looked at; zero: in time
}

// PlanJSON prints a plan as plan.Encode writes it: a saved one as its file.
func PlanJSON(w io.Writer, p *plan.Plan, f PlanFile) error {
	text, err := plan.Encode(p, f.ExpiresAt)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}
