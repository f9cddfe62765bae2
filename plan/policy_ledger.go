package plan

import (
	"fmt"
	"slices"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/state"
)

// MayBeOld is the code of creates that wait until a person has accepted the ledger.
const MayBeOld = "ledger_may_be_old"

// AdoptionWaits reports whether a live refund must not be recorded yet: the next plan would no longer
// see that the ledger may be old (R22).
func (c Change) AdoptionWaits() bool { return c.waits }

// markUnknown finds the refunds of the manifests that are live though the ledger never heard of them.
// One that it knows under another fingerprint is of an account that was rebound.
func (p *Plan) markUnknown(st *state.State) {
	heard := map[refund.Identity]bool{}
	for _, e := range st.Entries() {
		e.ID.Account = ""
		heard[e.ID] = true
	}
	for i := range p.Changes {
		c := &p.Changes[i]
		id := c.ID
		id.Account = ""
		if c.Spec != nil && c.Live != nil && c.Entry == nil && !heard[id] {
			c.unknown = true
			p.Unknown++
		}
	}
}

// guardLedger stops the creates of an account whose kind has no list, while live refunds say that the
// ledger may be old: what else was sent since, no read shows (R22). Such a sign is not recorded away
// meanwhile, unless the ledger is so new that it knows no refund.
func (p *Plan) guardLedger(fingerprint string, st *state.State) {
	unlisted := slices.DeleteFunc(p.creates(fingerprint), func(c *Change) bool { return c.ID.Kind == refund.Order })
	unknown, used := 0, len(st.Entries()) > 0
	for i := range p.Changes {
		if c := &p.Changes[i]; c.unknown && c.ID.Account == fingerprint {
			unknown++
			c.waits = c.ID.Kind != refund.Order && used || len(unlisted) > 0
		}
	}
	if unknown == 0 {
		return
	}
	held := "a refund"
	if unknown > 1 {
		held = money.Grouped(unknown) + " refunds"
	}
	block(unlisted, Reason{MayBeOld, fmt.Sprintf("the API holds %s of the manifests that the ledger does not know: the ledger may be old, and no list shows what else of this kind was sent", held),
		"restore the newer ledger; if this one is right, accept it with --accept-older-ledger --reason TEXT"})
	for _, c := range unlisted {
		p.holdBack(c)
	}
}
