package plan

import (
	"fmt"
	"slices"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/state"
)

// MayBeOld is the code of creates that are blocked until a person accepts the ledger.
const MayBeOld = "ledger_may_be_old"

// AdoptionWaits reports whether a live refund must not be recorded yet: the next plan would no longer
// see that the ledger may be old (R22).
func (c Change) AdoptionWaits() bool { return c.waits }

// markUnknown marks the desired refunds that are live but unknown to the ledger. If the ledger knows one
// under another fingerprint, its account was rebound: that is no sign of an old ledger.
func (p *Plan) markUnknown(st *state.State) {
	known := map[refund.Identity]bool{}
	for _, e := range st.Entries() {
		e.ID.Account = ""
		known[e.ID] = true
	}
	for i := range p.Changes {
		c := &p.Changes[i]
		id := c.ID
		id.Account = ""
		if c.Spec != nil && c.Live != nil && c.Entry == nil && !known[id] {
			c.unknown = true
			p.Unknown++
		}
	}
}

// guardLedger stops the creates of kinds that the API does not list, while live refunds show that the
// ledger may be old: no read shows what else was sent since (R22). Until then the live refunds are not
// recorded, which would hide the sign, unless the ledger is so new that it knows no refund.
func (p *Plan) guardLedger(fingerprint string, st *state.State) {
	listed := func(c *Change) bool { return c.ID.Kind == refund.Order }
	unlisted := slices.DeleteFunc(p.creates(fingerprint), listed)
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
	found := "a refund"
	if unknown > 1 {
		found = money.Grouped(unknown) + " refunds"
	}
	mayBeOld := Reason{MayBeOld, fmt.Sprintf("the API has %s from the manifests that the ledger does not know: the ledger may be old, and the API cannot list other refunds of this kind", found),
		"restore the newer ledger; if this one is right, accept it: refundctl apply --accept-older-ledger --reason TEXT"}
	for _, c := range slices.DeleteFunc(p.released(fingerprint), listed) {
		c.WithoutHold.block(mayBeOld)
	}
	block(unlisted, mayBeOld)
	for _, c := range unlisted {
		p.holdBack(c)
	}
}
