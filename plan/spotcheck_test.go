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
func TestR13_RefundsSettledByOtherRunsAreReadAgain(t *testing.T) {
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

// A CANCELLED or FAILED that another run recorded counts only if the API says it too: nothing is paid twice.
func TestR6_AnUnconfirmedFailureAllowsNoReplacement(t *testing.T) {
	others := func(string) bool { return false }
	for name, c := range map[string]struct {
		live refund.Status // of r0; empty where the API does not list it
		row  func(*refund.Spec)
		want []string
	}{
		"it was paid, and a row replaces it":      {refund.Success, supersedes("r0"), []string{"= r0", "# r1 supersedes_alive duplicate_suspected"}},
		"it is pending, with a duplicate":         {refund.Pending, func(*refund.Spec) {}, []string{"… r0", "# r1 duplicate_suspected"}},
		"it is not listed, and a row replaces it": {"", supersedes("r0"), []string{"! r0 missing_live", "# r1 supersedes_alive duplicate_suspected"}},
		"it is not listed, with a duplicate":      {"", func(*refund.Spec) {}, []string{"! r0 missing_live", "# r1 duplicate_suspected"}},
		"it is cancelled, and a row replaces it":  {refund.Cancelled, supersedes("r0"), []string{"x r0 superseded", "+ r1"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.in.SpotCheck.Mine = others
			b.remember("o1", "r0", "10", state.Failed, refund.Cancelled)
			if c.live != "" {
				b.live("o1", "r0", "10", c.live)
			}
			b.want("o1", "r0", "10")
			b.want("o1", "r1", "10", c.row)
			b.expect(c.want...)
		})
	}
}

// Where there is no list each refund is read: what another run invented is missing there.
func TestR13_AForgedSubscriptionRefundIsMissing(t *testing.T) {
	b := newBench(t)
	id := refund.Identity{Parent: refund.Parent{Account: merchant, Kind: refund.Subscription, ID: "sub_1"}, RefundID: "r1"}
	b.want("sub_1", "r1", "10", ofKind(refund.Subscription))
	b.finish(state.Outcome{AccountName: "default", ID: id, Phase: state.Settled, Amount: inr(t, "10"), Status: refund.Success, How: "adopted"})
	b.in.SettleAfter = -time.Hour
	b.expect("= r1")
	b.in.SpotCheck.Most = 5
	b.expect("! r1 missing_live")
	b.reads("get r1")
	b.in.SpotCheck.Mine = func(string) bool { return false }
	b.live("sub_1", "r1", "10", refund.Success)
	if p := b.expect("= r1"); len(p.Checked) != 1 {
		t.Errorf("confirmed: %+v", p.Checked)
	}
}

// No verdict depends on a spot check: an API that cannot be reached leaves the plan as the ledger says.
func TestASpotCheckThatCannotBeMadeChangesNothing(t *testing.T) {
	for _, class := range []refund.ReadClass{refund.Unreachable, refund.Throttled} {
		b := newBench(t)
		b.want("o1", "r1", "10")
		b.remember("o1", "r1", "10", state.Settled, refund.Success)
		b.in.SpotCheck.Most, b.in.SettleAfter = 5, -time.Hour
		b.world.fails["o1"] = &refund.ReadError{Class: class}
		p := b.expect("= r1")
		if read := p.Parents[identity("o1", "r1").Parent]; read.Err != nil || read.Good() || p.Unchecked != 1 || p.Reads != 1 || len(p.Checked) != 0 {
			t.Errorf("%s: %+v, %d unchecked, %d reads", class, read, p.Unchecked, p.Reads)
		}
		b.want("o1", "r2", "20") // now its row depends on the read
		if p := b.plan(); p.Parents[identity("o1", "r1").Parent].Err == nil || p.Unchecked != 0 {
			t.Errorf("%s: a read that failed is hidden", class)
		}
	}
}
