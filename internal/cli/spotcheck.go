package cli

import (
	"slices"

	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// spotCheck returns which runs this clone made and which refunds it has checked. Runs are not signed, so
// each command checks a few refunds that others recorded against the API.
func (w *work) spotCheck(st *state.State) plan.SpotCheck {
	m := w.project.recall()
	mine, checked := map[string]bool{}, map[string]bool{}
	for _, key := range m.Runs {
		mine[key] = true
	}
	for _, key := range m.Checked {
		checked[key] = true
	}
	return plan.SpotCheck{
		Most:    w.spots,
		Mine:    func(run string) bool { return mine[runKey(run, st.LastHash(run))] },
		Checked: func(id refund.Identity, by string) bool { return checked[checkedKey(id, by)] },
	}
}

// rememberSpotChecks remembers what the API confirmed, so that the next command checks other refunds.
func (w *work) rememberSpotChecks(p *plan.Plan) {
	if len(p.Checked) > 0 {
		found := slices.Clone(p.Checked)
		w.app.remember(w.project, func(m *clone) { m.addChecked(found) })
	}
}
