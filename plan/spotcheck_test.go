package plan_test

import (
	"testing"
	"time"

	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// What other runs recorded as settled for good is read again, the largest amounts first and as many as asked for;
// what this clone recorded, or has seen confirmed, is not.
func TestR13_WhatOtherRunsSettledIsReadAgain(t *testing.T) {
	b := newBench(t)
	for _, r := range [][3]string{{"o1", "r1", "10"}, {"o2", "r2", "90"}, {"o3", "r3", "50"}, {"o4", "r4", "70"}} {
		b.want(r[0], r[1], r[2])
		b.paid(r[0], "1000", noon.AddDate(0, 0, -10))
		b.remember(r[0], r[1], r[2], state.Settled, refund.Success)
		if r[1] != "r2" {
			b.live(r[0], r[1], r[2], refund.Success)
		}
	}
	b.reads()
	b.in.SpotCheck.Most, b.in.SettleAfter = 2, -time.Hour
	p := b.expect("= r1", "! r2 missing_live", "= r3", "= r4")
	b.reads("list o2", "list o4")
	if len(p.Checked) == 0 {
		t.Fatalf("nothing was confirmed")
	}
	if len(p.Checked) != 1 || p.Checked[0].ID.RefundID != "r4" || p.Checked[0].By == "" {
		t.Errorf("confirmed: %+v", p.Checked)
	}
	b.in.SpotCheck.Checked = func(id refund.Identity, by string) bool { return id.RefundID == "r4" && by == p.Checked[0].By }
	if p := b.plan(); p.Reads != 2 || !p.Parents[identity("o3", "r3").Parent].Good() {
		t.Errorf("%d reads: a refund that was confirmed does not give way", p.Reads)
	}
	b.in.SpotCheck.Mine = func(string) bool { return true }
	if p := b.plan(); p.Reads != 0 {
		t.Errorf("%d reads of what this clone recorded", p.Reads)
	}
	b.in.SpotCheck.Mine, b.in.Refresh = nil, plan.None
	if p := b.plan(); p.Reads != 0 {
		t.Errorf("%d reads with --refresh none", p.Reads)
	}
}
