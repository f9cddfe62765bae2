package plan_test

import (
	"context"
	"testing"
	"time"

	"refundctl/internal/refund"
	"refundctl/plan"
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
