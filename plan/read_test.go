package plan_test

import (
	"context"
	"testing"
	"time"

	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

func TestOnlyTheNamedParentsAreRead(t *testing.T) {
	b := newBench(t)
	b.paid("o2", "50", noon)
	b.want("o1", "r1", "10")
	b.want("o2", "r2", "20")
	b.in.Only = func(p refund.Parent) bool { return p.ID == "o2" }
	b.expect("+ r2")
	b.reads("list o2", "payments o2")
}

// The list was good and shows r1 no longer, but without the payments the read of the order failed.
func TestR2_AReadWithoutItsPaymentsProvesNothing(t *testing.T) {
	b := newBench(t)
	b.remember("o1", "r1", "10", state.Accepted, refund.Pending)
	b.want("o1", "r1", "10")
	b.paid("o1", "1000.00", noon) // more than the ledger knows
	b.want("o1", "r2", "1500")
	b.expect("! r1 missing_live", "+ r2")
	b.world.asked = nil
	b.world.noFacts = &refund.ReadError{Class: refund.Unreachable, HTTP: 502}
	p := b.expect("… r1", "# r2 unread")
	b.reads("list o1", "payments o1")
	if p.Reads != 2 || p.Parents[identity("o1", "r1").Parent].Good() {
		t.Errorf("%d reads, %+v", p.Reads, p.Parents)
	}
	b.world.noFacts = &refund.ReadError{Class: refund.Credentials, HTTP: 401}
	if _, err := plan.Make(context.Background(), b.in); refund.ReadClassOf(err) != refund.Credentials {
		t.Errorf("refused credentials: %v", err)
	}
}

func TestARelistReadsTheParentAgain(t *testing.T) {
	b := newBench(t)
	b.live("o1", "r1", "10", refund.Pending)
	tick := noon
	clock := func() time.Time { tick = tick.Add(time.Second); return tick }
	read := plan.Relist(context.Background(), b.world, identity("o1", "r1"), clock)
	if len(read.Find("r1")) != 1 || !read.Good() || !read.ListedAt.Equal(noon.Add(time.Second)) || !read.DoneAt.Equal(noon.Add(2*time.Second)) || read.Requests != 1 {
		t.Errorf("%+v", read)
	}
	b.world.fails["o1"] = &refund.ReadError{Class: refund.Throttled, HTTP: 429}
	if read := plan.Relist(context.Background(), b.world, identity("o1", "r1"), clock); read.Good() || read.Err == nil {
		t.Errorf("a failed read is good: %+v", read)
	}
}
