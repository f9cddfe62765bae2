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

// listing notes which orders were listed.
type listing struct {
	*api
	mu     sync.Mutex
	orders []string
}

func (l *listing) Refunds(ctx context.Context, p refund.Parent) ([]refund.Live, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.orders = append(l.orders, p.ID)
	return l.api.Refunds(ctx, p)
}

// take are the orders listed since the last call.
func (l *listing) take() string {
	got := strings.Join(l.orders, " ")
	l.orders = nil
	return got
}

// followed is a project whose refunds were sent, and a Follow of it.
func followed(p *project, quota int) (*apply.Follow, *listing, *told) {
	reads, o := &listing{api: p.api}, &told{}
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
		p.applied()
		time.Sleep(30 * time.Hour) // virtual
		later := newProject(t, "o3/r3", "o4/r4", "o5/r5", "o5/r6")
		later.api, later.backend = p.api, p.backend
		later.specs[0].Amount = rupees(90)
		later.applied()
		f, reads, _ := followed(p, 2)
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
		p.applied()
		f, reads, _ := followed(p, 0)
		look(t, p, f)
		if err := f.Read(context.Background()); err != nil {
			t.Fatal(err)
		}
		if got := reads.take(); got != "o1" {
			t.Errorf("listed %s", got)
		}
	})
}

func TestFollowTellsWhatTheLedgerSaysWhoeverWroteIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o2/r2")
		p.applied()
		f, _, o := followed(p, 0)
		look(t, p, f)
		for _, list := range p.api.live {
			list[0].Status = refund.Success
		}
		if err := f.Read(context.Background()); err != nil {
			t.Fatal(err)
		}
		if len(o.events) > 0 || len(f.News) != 2 {
			t.Errorf("told %v before the ledger holds it; news %v", o.events, f.News)
		}
		p.noted(map[refund.Identity]refund.Live{id("o1", "r1"): f.News[id("o1", "r1")]})
		look(t, p, f)
		p.noted(f.News)
		look(t, p, f)
		look(t, p, f)
		var got []string
		for _, e := range o.events {
			got = append(got, fmt.Sprintf("%s %s %s->%s", e.Kind, e.ID.RefundID, e.Was, e.Status))
		}
		if want := []string{"moved r1 PENDING->SUCCESS", "moved r2 PENDING->SUCCESS"}; !slices.Equal(got, want) {
			t.Errorf("told %q, want %q", got, want)
		}
		if s := f.Summary(); s.Settled.Count != 2 || s.Waiting.Count != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func id(order, refundID string) refund.Identity {
	return refund.Identity{Parent: refund.Parent{Account: merchant, Kind: refund.Order, ID: order}, RefundID: refundID}
}

// noted records as a session of its own does.
func (p *project) noted(seen map[refund.Identity]refund.Live) {
	p.t.Helper()
	s, err := state.Open(context.Background(), p.backend, state.Options{Clock: time.Now})
	if err != nil {
		p.t.Fatal(err)
	}
	defer s.Close()
	if err := p.run(s, &told{}).RecordReads(context.Background(), seen); err != nil {
		p.t.Fatal(err)
	}
}

// What was read before another run wrote says nothing beyond what that run recorded.
func TestNoteWritesOnlyWhatTheLedgerDoesNotHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.applied()
		old := refund.Live{RefundID: "r1", ParentID: "o1", Amount: rupees(10), Status: refund.OnHold}
		paid := old
		paid.Status = refund.Success
		p.noted(map[refund.Identity]refund.Live{id("o1", "r1"): paid})
		before := p.heads()
		p.noted(map[refund.Identity]refund.Live{id("o1", "r1"): old, id("o1", "unknown"): paid})
		if after := p.heads(); !slices.Equal(before, after) {
			t.Errorf("the ledger grew: %v, %v", before, after)
		}
		if e := p.phase("r1"); e.Phase != state.Settled || e.Status != refund.Success {
			t.Errorf("%s %s", e.Phase, e.Status)
		}
		if e := p.phase("unknown"); e.Phase != "" {
			t.Errorf("a refund that the ledger never knew is %s", e.Phase)
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

// An intent that was found live is settled, unless something else lives under its id.
func TestNoteSettlesADoubtOnlyByTheRefundThatWasAskedFor(t *testing.T) {
	for amount, want := range map[int64]state.Phase{10: state.Accepted, 11: state.Intended} {
		synctest.Test(t, func(t *testing.T) {
			p := newProject(t, "o1/r1")
			p.api.script["r1"] = slices.Repeat([]reply{{answer: refund.Answer{HTTP: 500}}}, 9)
			p.applied()
			if e := p.phase("r1"); e.Phase != state.Intended {
				t.Fatalf("%s", e.Phase)
			}
			p.noted(map[refund.Identity]refund.Live{id("o1", "r1"): {RefundID: "r1", ParentID: "o1", Amount: rupees(amount), Status: refund.Pending}})
			if e := p.phase("r1"); e.Phase != want {
				t.Errorf("₹%d: %s, want %s", amount, e.Phase, want)
			}
		})
	}
}

func TestFollowEndsWithRefusedCredentials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o2/r2")
		p.applied()
		f, _, o := followed(p, 0)
		f.Gateways[merchant] = apply.Gateway{Reader: refusing{}}
		look(t, p, f)
		if err := f.Read(context.Background()); refund.ReadClassOf(err) != refund.Credentials {
			t.Errorf("%v, told %v", err, o.events)
		}
	})
}

type refusing struct{ plan.Reader }

func (refusing) Refunds(context.Context, refund.Parent) ([]refund.Live, error) {
	return nil, &refund.ReadError{Class: refund.Credentials, HTTP: 401}
}
