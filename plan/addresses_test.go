package plan_test

import (
	"context"
	"testing"
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/state"
)

// Each case has a refund r_old that was sent through a gateway, and a create on its order through the
// environment's own address, which may lead to the same API.
func TestR2_ARefundSentThroughAnotherAddressBlocksItsDuplicates(t *testing.T) {
	for name, c := range map[string]struct {
		amount string
		phase  state.Phase
		now    string
		setup  func(*bench)
		want   string
	}{
		"a duplicate":       {"5", state.Settled, "", nil, "# r1 duplicate_suspected replacement_suspected"},
		"a replacement":     {"10", state.Accepted, "", nil, "# r1 replacement_suspected"},
		"in doubt":          {"10", state.Intended, "", nil, "# r1 sent_elsewhere replacement_suspected"},
		"dead":              {"5", state.Failed, "", nil, "+ r1"},
		"refused":           {"5", state.Refused, "", nil, "+ r1"},
		"on loopback now":   {"5", state.Settled, "loopback/pg", nil, "+ r1"},
		"cleared":           {"5", state.Settled, "", func(b *bench) { b.in.Specs[0].NotDuplicateOf = []string{"r_old"} }, "+ r1"},
		"the gateway again": {"10", state.Settled, gateway, func(b *bench) { b.in.Specs[0].NotDuplicateOf = []string{"r_old"} }, "+ r1\no r_old not_in_manifest"},
		"the same refund":   {"5", state.Settled, "", func(b *bench) { b.in.Specs[0].RefundID = "r_old" }, "# r_old sent_elsewhere"},
		"failed at the API": {"5", state.Accepted, "", func(b *bench) { b.live("o1", "r_old", "5", refund.Failed) }, "+ r1\n* r_old not_in_manifest"},
		"more than the day's budget": {"900", state.Settled, "", func(b *bench) {
			b.in.Specs[0].NotDuplicateOf = []string{"r_old"}
			b.in.Accounts[0].Limits.MaxTotalAmountPerDay = money.BudgetOf(inr(b.t, "904.99"))
			b.in.Clock = func() time.Time { return noon.Add(-24 * time.Hour) }
		}, "# r1 budget_day"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			at := func(place string) {
				if err := b.sess.UsePlaces(context.Background(), []state.Place{{Fingerprint: merchant, BaseURL: place}}); err != nil {
					t.Fatal(err)
				}
			}
			at(gateway)
			b.from("refunds/a.yaml", "o1", "r_old", c.amount, c.phase)
			b.in.Files = []string{"refunds/a.yaml"}
			b.want("o1", "r1", "5")
			at(c.now)
			if c.setup != nil {
				c.setup(b)
			}
			b.expect(c.want)
		})
	}
}

const gateway = "https://gateway.example.com/pg"
