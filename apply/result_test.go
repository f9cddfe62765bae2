package apply_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"refundctl/apply"
	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// A kind of row that a run sends nothing for, and the tally that counts it.
var unsentKinds = []struct {
	name string
	row  plan.Change
	of   func(*apply.Result) *plan.Tally // nil: not asked for, so in none
}{
	{"conflict", plan.Change{Action: plan.Conflict, Live: &refund.Live{}}, func(r *apply.Result) *plan.Tally { return &r.Blocked }},
	{"conflict over a doubt", plan.Change{Action: plan.Conflict, Entry: &state.Entry{Phase: state.Intended}}, func(r *apply.Result) *plan.Tally { return &r.InDoubt }},
	{"failed", plan.Change{Action: plan.Failed}, func(r *apply.Result) *plan.Tally { return &r.Failed }},
	{"superseded", plan.Change{Action: plan.Failed, Superseded: true}, func(r *apply.Result) *plan.Tally { return &r.Superseded }},
	{"in sync", plan.Change{Action: plan.InSync}, func(r *apply.Result) *plan.Tally { return &r.AlreadyPresent }},
	{"pending", plan.Change{Action: plan.Pending}, func(r *apply.Result) *plan.Tally { return &r.Pending }},
	{"in doubt", plan.Change{Action: plan.InDoubt, Entry: &state.Entry{Phase: state.Intended}}, func(r *apply.Result) *plan.Tally { return &r.InDoubt }},
	{"in doubt in the plan file", plan.Change{Action: plan.InDoubt}, func(r *apply.Result) *plan.Tally { return &r.InDoubt }},
	{"held", plan.Change{Action: plan.Held, Reasons: why("hold")}, func(r *apply.Result) *plan.Tally { return &r.Held }},
	{"held since the review", plan.Change{Action: plan.Held, Approved: true, Reasons: why("hold")}, func(r *apply.Result) *plan.Tally { return &r.Held }},
	{"blocked", plan.Change{Action: plan.Blocked, Reasons: why("over_refund")}, func(r *apply.Result) *plan.Tally { return &r.Blocked }},
	{"changed since the review", plan.Change{Action: plan.Blocked, Approved: true, Reasons: why("row_changed")}, func(r *apply.Result) *plan.Tally { return &r.Blocked }},
	{"unread", plan.Change{Action: plan.Blocked, Reasons: why("unread")}, func(r *apply.Result) *plan.Tally { return &r.NotSent }},
	{"moved since the review", plan.Change{Action: plan.Blocked, Approved: true, Reasons: why("parent_moved")}, func(r *apply.Result) *plan.Tally { return &r.NotSent }},
	{"unread over a doubt", plan.Change{Action: plan.Blocked, Entry: &state.Entry{Phase: state.Intended}, Reasons: why("unread")}, func(r *apply.Result) *plan.Tally { return &r.InDoubt }},
	{"unmanaged", plan.Change{Action: plan.Unmanaged}, nil},
	{"orphaned", plan.Change{Action: plan.Orphaned}, nil},
	{"a doubt without a manifest", plan.Change{Action: plan.InDoubt, Entry: &state.Entry{Phase: state.Intended}}, nil},
}

func why(code string) []plan.Reason { return []plan.Reason{{Code: code, Message: code}} }

// randomPlan is a plan with rows of every kind, in two accounts and two currencies. want has what each tally must
// count at least: everything but the creates.
func randomPlan(r *rand.Rand) (p *plan.Plan, want apply.Result, creates []plan.Change) {
	p = &plan.Plan{Parents: map[refund.Parent]plan.ParentRead{}, Digest: []string{"", "d"}[r.IntN(2)]}
	for i := range r.IntN(30) {
		c, asked := plan.Change{Action: plan.Create}, true
		kind := r.IntN(2 * len(unsentKinds))
		if kind < len(unsentKinds) {
			c, asked = unsentKinds[kind].row, unsentKinds[kind].of != nil
		}
		name := []string{"north", "south"}[r.IntN(2)]
		c.AccountName, c.Amount = name, money.Amount{Minor: 1 + r.Int64N(1e6), Currency: []money.Currency{"INR", "USD"}[r.IntN(2)]}
		c.ID = refund.Identity{Parent: refund.Parent{Account: name, Kind: refund.Order, ID: fmt.Sprintf("order_%d", r.IntN(6))}, RefundID: fmt.Sprintf("refund_%d", i)}
		if asked {
			c.Spec = &refund.Spec{Account: name, Kind: refund.Order, ParentID: c.ID.ID, RefundID: c.ID.RefundID, Amount: c.Amount}
		}
		if c.Action == plan.Create {
			request, _ := c.Spec.Request()
			c.Request, c.Attempt, c.Key = &request, 1, refund.Key(c.ID, 1)
			creates = append(creates, c)
			p.Parents[c.ID.Parent] = plan.ParentRead{Parent: c.ID.Parent, ListedAt: time.Now(), DoneAt: time.Now()}
		} else if asked {
			unsentKinds[kind].of(&want).Add(c.Amount)
		}
		p.Changes = append(p.Changes, c)
	}
	return p, want, creates
}

// moody answers the requests of a run at random. It knows the amount of every refund.
type moody struct {
	*rand.Rand
	*api
	amounts map[string]money.Amount
	stop    context.CancelCauseFunc
}

func (m moody) Turn(ctx context.Context) error { return ctx.Err() }

func (m moody) Create(_ context.Context, r refund.Request, _ string) refund.Answer {
	m.mu.Lock()
	defer m.mu.Unlock()
	id := between(string(r.Body), `"refund_id":"`, `"`)
	switch m.IntN(30) {
	case 0:
		m.stop(errors.New("interrupted"))
	case 1:
		return refund.Answer{HTTP: 401, EndedAt: time.Now()}
	case 2, 3:
		return refund.Answer{HTTP: 429, EndedAt: time.Now()}
	case 4, 5, 6:
		return refund.Answer{HTTP: 400, Code: "refund_post_failed", EndedAt: time.Now()}
	case 7, 8, 9:
		return refund.Answer{Cause: "connection reset", EndedAt: time.Now()}
	}
	live := refund.Live{RefundID: id, Amount: m.amounts[id], Status: []refund.Status{refund.Pending, refund.Success, refund.Cancelled}[m.IntN(3)], CfRefundID: "cf_" + id}
	return refund.Answer{HTTP: 200, Live: &live, EndedAt: time.Now()}
}

// tallies are those that account for the refunds that the manifests or the plan file ask for.
func tallies(r *apply.Result) map[string]*plan.Tally {
	return map[string]*plan.Tally{"sent": &r.Sent, "already present": &r.AlreadyPresent, "refused": &r.Refused, "in doubt": &r.InDoubt, "not sent": &r.NotSent,
		"blocked": &r.Blocked, "held": &r.Held, "failed": &r.Failed, "pending": &r.Pending, "superseded": &r.Superseded}
}

// sums counts the refunds and the money of all tallies, by currency.
func sums(r *apply.Result) map[money.Currency]int64 {
	all := map[money.Currency]int64{}
	for _, t := range tallies(r) {
		all["refunds"] += int64(t.Count)
		for _, a := range t.Amounts {
			all[a.Currency] += a.Minor
		}
	}
	return all
}

// Whatever stops a run, and wherever it ends: each refund that is asked for is in one tally, with its money.
func TestEveryRefundOfThePlanIsInOneTally(t *testing.T) {
	for seed := range uint64(400) {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			p, want, creates := randomPlan(r)
			asked := map[money.Currency]int64{}
			amounts := map[string]money.Amount{}
			for _, c := range p.Changes {
				if amounts[c.ID.RefundID] = c.Amount; c.Spec != nil {
					asked["refunds"]++
					asked[c.Amount.Currency] += c.Amount.Minor
				}
			}
			check := func(what string, got apply.Result) {
				for c, sum := range asked {
					if sums(&got)[c] != sum {
						t.Errorf("seed %d, %s: %s: %d are asked for, %d are in the result: %+v", seed, what, c, sum, sums(&got)[c], got)
					}
				}
				for name, least := range tallies(&want) {
					mayGrow := name == "sent" || name == "already present" || name == "refused" || name == "in doubt" || name == "not sent"
					if n := tallies(&got)[name].Count; n < least.Count || n > least.Count && !mayGrow {
						t.Errorf("seed %d, %s: %d are %s, want %d", seed, what, n, name, least.Count)
					}
				}
			}
			s := newProject(t).stage()
			defer s.session.Close()
			check("unsent", s.run.Unsent(p))
			if u := s.run.Unsent(p); u.Sent.Count+u.Refused.Count > 0 || u.NotSent.Count != want.NotSent.Count+len(creates) {
				t.Errorf("seed %d: a run that sent nothing says %+v", seed, u)
			}
			ctx, stop := context.WithCancelCause(context.Background())
			defer stop(nil)
			if r.IntN(10) == 0 {
				stop(errors.New("interrupted"))
			}
			if r.IntN(10) == 0 {
				s.run.Ledger = brokenLedger{}
			}
			m := moody{r, newAPI(), amounts, stop}
			s.run.StopOnRefusal = r.IntN(2) == 0
			s.run.Gateways = map[string]apply.Gateway{"north": {Reader: m, Issuer: m}, "south": {Reader: m, Issuer: m}}
			got, err := s.run.Perform(ctx, apply.Prepared{Plan: p})
			check(fmt.Sprintf("perform (%v, %v)", got.Stopped, err), got)
		})
	}
}
