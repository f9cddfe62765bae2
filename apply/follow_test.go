package apply_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"refundctl/apply"
	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// listingReader remembers which orders were listed.
type listingReader struct {
	*api
	mu     sync.Mutex
	orders []string
}

func (l *listingReader) Refunds(ctx context.Context, p refund.Parent) ([]refund.Live, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.orders = append(l.orders, p.ID)
	return l.api.Refunds(ctx, p)
}

// take returns the orders listed since the last call.
func (l *listingReader) take() string {
	got := strings.Join(l.orders, " ")
	l.orders = nil
	return got
}

// newFollow is a Follow of a project whose refunds were sent.
func newFollow(p *project, quota int) (*apply.Follow, *listingReader, *eventLog) {
	reads, o := &listingReader{api: p.api}, &eventLog{}
	return &apply.Follow{
		Gateways: map[string]apply.Gateway{merchant: {Reader: reads}}, Quota: func(string) int { return quota }, SettleAfter: 10 * time.Minute,
		Parallelism: 1, Clock: time.Now, Observer: o,
	}, reads, o
}

func look(t *testing.T, p *project, f *apply.Follow) {
	t.Helper()
	st, _, err := state.Load(context.Background(), p.backend)
	if err != nil {
		t.Fatal(err)
	}
	f.Look(st)
}

func TestFollowReadsTheOldestAndLargestFirstAndThenThoseNotReadYet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o2/r2")
		p.apply()
		time.Sleep(30 * time.Hour) // virtual
		later := newProject(t, "o3/r3", "o4/r4", "o5/r5", "o5/r6")
		later.api, later.backend = p.api, p.backend
		later.specs[0].Amount = rupees(90)
		later.apply()
		f, reads, _ := newFollow(p, 2)
		look(t, p, f)
		// o2 and o1 are a day older, and r2 is the larger; o3 has the largest of the rest.
		for round, want := range []string{"o2 o1", "o3 o5", "o4 o2", "o1 o3"} {
			if err := f.Read(context.Background()); err != nil {
				t.Fatal(err)
			}
			if got := reads.take(); got != want {
				t.Errorf("round %d lists %s, want %s", round, got, want)
			}
		}
		if f.Reads != 8 {
			t.Errorf("%d reads counted", f.Reads)
		}
	})
}

func TestFollowListsAnOrderOnceForAllItsRefunds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o1/r2", "o1/r3")
		p.apply()
		f, reads, _ := newFollow(p, 0)
		look(t, p, f)
		if err := f.Read(context.Background()); err != nil {
			t.Fatal(err)
		}
		if got := reads.take(); got != "o1" {
			t.Errorf("listed %s", got)
		}
	})
}

func TestFollowReportsEventsOfAllRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o2/r2")
		p.apply()
		f, _, o := newFollow(p, 0)
		look(t, p, f)
		for _, list := range p.api.live {
			list[0].Status = refund.Success
		}
		if err := f.Read(context.Background()); err != nil {
			t.Fatal(err)
		}
		if len(o.events) > 0 || len(f.News) != 2 {
			t.Errorf("reported %v before the ledger has it; news %v", o.events, f.News)
		}
		p.recordReads(map[refund.Identity]refund.Live{identity("o1", "r1"): f.News[identity("o1", "r1")]})
		look(t, p, f)
		p.recordReads(f.News)
		look(t, p, f)
		look(t, p, f)
		var got []string
		for _, e := range o.events {
			got = append(got, fmt.Sprintf("%s %s %s->%s", e.Kind, e.ID.RefundID, e.Was, e.Status))
		}
		if want := []string{"moved r1 PENDING->SUCCESS", "moved r2 PENDING->SUCCESS"}; !slices.Equal(got, want) {
			t.Errorf("reported %q, want %q", got, want)
		}
		if s := f.Summary(); s.Paid.Count != 2 || s.Waiting.Count != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// recordReads records reads in a new session.
func (p *project) recordReads(seen map[refund.Identity]refund.Live) {
	p.t.Helper()
	s, err := state.Open(context.Background(), p.backend, state.Options{Clock: time.Now})
	if err != nil {
		p.t.Fatal(err)
	}
	defer s.Close()
	if err := p.run(s, &eventLog{}).RecordReads(context.Background(), seen, nil); err != nil {
		p.t.Fatal(err)
	}
}

// A read made before another run wrote shows nothing beyond what that run recorded.
func TestRecordReadsWritesOnlyWhatTheLedgerDoesNotHave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.apply()
		old := refund.Live{RefundID: "r1", ParentID: "o1", Amount: rupees(10), Status: refund.OnHold}
		paid := old
		paid.Status = refund.Success
		p.recordReads(map[refund.Identity]refund.Live{identity("o1", "r1"): paid})
		before := p.heads()
		p.recordReads(map[refund.Identity]refund.Live{identity("o1", "r1"): old, identity("o1", "unknown"): paid})
		if after := p.heads(); !slices.Equal(before, after) {
			t.Errorf("the ledger grew: %v, %v", before, after)
		}
		if e := p.entry("r1"); e.Phase != state.Settled || e.Status != refund.Success {
			t.Errorf("%s %s", e.Phase, e.Status)
		}
		if e := p.entry("unknown"); e.Phase != "" {
			t.Errorf("a refund that is not in the ledger is %s", e.Phase)
		}
	})
}

func (p *project) heads() []string {
	p.t.Helper()
	st, _, err := state.Load(context.Background(), p.backend)
	if err != nil {
		p.t.Fatal(err)
	}
	return st.Heads()
}

func TestRecordReadsResolvesADoubtOnlyByTheRefundThatWasAskedFor(t *testing.T) {
	for amount, want := range map[int64]state.Phase{10: state.Accepted, 11: state.Intended} {
		synctest.Test(t, func(t *testing.T) {
			p := newProject(t, "o1/r1")
			p.api.script["r1"] = slices.Repeat([]reply{{answer: refund.Answer{HTTP: 500}}}, 9)
			p.apply()
			if e := p.entry("r1"); e.Phase != state.Intended {
				t.Fatalf("%s", e.Phase)
			}
			p.recordReads(map[refund.Identity]refund.Live{identity("o1", "r1"): {RefundID: "r1", ParentID: "o1", Amount: rupees(amount), Status: refund.Pending}})
			if e := p.entry("r1"); e.Phase != want {
				t.Errorf("₹%d: %s, want %s", amount, e.Phase, want)
			}
		})
	}
}

func TestFollowEndsWithRefusedCredentials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o2/r2")
		p.apply()
		f, _, o := newFollow(p, 0)
		f.Gateways[merchant] = apply.Gateway{Reader: refusingReader{}}
		look(t, p, f)
		if err := f.Read(context.Background()); refund.ReadClassOf(err) != refund.Credentials {
			t.Errorf("%v, reported %v", err, o.events)
		}
	})
}

type refusingReader struct{ plan.Reader }

func (refusingReader) Refunds(context.Context, refund.Parent) ([]refund.Live, error) {
	return nil, &refund.ReadError{Class: refund.Credentials, HTTP: 401}
}
