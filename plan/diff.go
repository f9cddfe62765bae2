package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/state"
)

// diff guards the rows of the desired refunds and adds those of the refunds that no manifest asks for.
func (g *group) diff(rows []Change, read ParentRead, now time.Time) []Change {
	warnOfWindow(rows, read, now)
	g.guard(rows, read, now)
	rows = append(rows, g.withoutManifest(read)...)
	slices.SortStableFunc(rows, func(a, b Change) int {
		x, y := a.Source(), b.Source()
		if (x.File == "") != (y.File == "") {
			return cmp.Compare(y.File, x.File)
		}
		return cmp.Or(cmp.Compare(x.File, y.File), cmp.Compare(x.Line, y.Line), cmp.Compare(a.ID.RefundID, b.ID.RefundID))
	})
	return rows
}

// rows gives each desired refund the first action that fits. Guards come later.
func (g *group) rows(read ParentRead, now time.Time) []Change {
	rows := make([]Change, 0, len(g.specs))
	for i := range g.specs {
		spec := &g.specs[i]
		c := Change{
			AccountName: g.account.Name, ID: spec.Identity(g.parent.Account), PaymentID: spec.PaymentID,
			Amount: spec.Amount, Spec: spec, Entry: g.entry(spec.RefundID),
			Approved: g.in.Approval.approves(spec.Identity(g.parent.Account)), unselected: g.in.Selected != nil && !g.in.Selected(*spec),
		}
		found := read.Find(spec.RefundID)
		if len(found) > 0 {
			c.Live = &found[0]
		}
		if len(found) > 1 {
			c.decide(Conflict, "live_twice", fmt.Sprintf("the API lists %d refunds under this refund_id", len(found)))
		}
		g.decideAction(&c, read, now)
		c.noteDifferences()
		if c.Action == Create || c.Action == Held {
			g.prepareRequest(&c)
		}
		rows = append(rows, c)
	}
	return rows
}

// decide sets the action unless an earlier one in the precedence is set, and adds the reason if the
// action is the row's.
func (c *Change) decide(a Action, code, message string) {
	if c.Action == 0 {
		c.Action = a
	}
	if c.Action == a && code != "" {
		c.Reasons = append(c.Reasons, Reason{Code: code, Message: message})
	}
}

// decideAction goes through the actions in their order of precedence.
func (g *group) decideAction(c *Change, read ParentRead, now time.Time) {
	if g.in.Approval.found(c, read) {
		return
	}
	g.conflicts(c, read, now)
	status, known := c.status()
	switch {
	case c.Action != 0:
	case known && status.Dead():
		c.decide(Failed, "dead", "the API reports it as "+string(status)+": it will not be paid")
		c.Reasons[0].Hint = c.deadHint()
		if c.wasPaid() {
			c.decide(Failed, string(Reversed), "it was paid, and the API has reversed it since")
		}
	case known && status == refund.Success && (c.Live != nil || !read.Good()):
		c.decide(InSync, "", "")
	case known && c.Live != nil:
		c.decide(Pending, "", "")
	case known && read.Good():
		c.decide(Pending, "not_visible_yet", "accepted, but not in the API's list yet")
	case known:
		c.decide(Pending, "", "")
	case c.Entry != nil && c.Entry.Phase == state.Intended && !g.mayGoAgain(c):
		c.decide(InDoubt, "outcome_unknown", g.doubtMessage(c.Entry))
		c.Reasons[0].Hint = doubtHint
	case g.in.leftOut(c.Spec, c.ID):
		g.decideUnsent(c, read)
	default:
		c.decide(Create, "", "")
	}
}

const doubtHint = "refundctl recover reads it back; until then it is not sent again"

// deadHint says how to ask for a dead refund again. reissue relies on the ledger, which must know that it is dead.
func (c *Change) deadHint() string {
	again := "if the money is still owed: refundctl reissue " + c.ID.RefundID
	switch {
	case c.Entry != nil && c.Entry.Phase == state.Failed:
		return again
	case c.Entry != nil && c.Entry.Phase.Sent():
		return "refundctl status records it; then, " + again
	}
	return "refundctl apply records it; then, " + again
}

// status is what the API reports, or else what the ledger has.
func (c *Change) status() (refund.Status, bool) {
	if c.Live != nil {
		return c.Live.Status, true
	}
	if c.Entry == nil || !c.Entry.Phase.Sent() {
		return "", false
	}
	switch {
	case c.Entry.Phase == state.Settled:
		return refund.Success, true
	case c.Entry.Phase == state.Failed && !c.Entry.Status.Dead():
		return refund.Failed, true
	}
	return c.Entry.Status, true
}

// wasPaid reports whether the ledger has the row's refund as paid, now or earlier.
func (c *Change) wasPaid() bool {
	return c.Entry != nil && (c.Entry.Phase == state.Settled || c.Entry.Reversed())
}

// mayGoAgain reports whether this run proved an unknown try absent and the row still asks for the same
// bytes (R8).
func (g *group) mayGoAgain(c *Change) bool { return g.in.Proven[c.ID] && asksFor(*c.Spec, *c.Entry) }

// asksFor reports whether the row would send the bytes of the entry's intent.
func asksFor(s refund.Spec, e state.Entry) bool { return e.Request != nil && sendsSame(s, *e.Request) }

// doubtMessage says since when an outcome is unknown, and until when.
func (g *group) doubtMessage(e *state.Entry) string {
	text := fmt.Sprintf("outcome unknown since %s", clock(e.TriedAt))
	if e.Message != "" {
		text += " (" + e.Message + ")"
	}
	return text + fmt.Sprintf("; a read resolves it by %s", clock(e.ResolvesAt(g.in.SettleAfter)))
}

// prepareRequest renders what would be sent, and its key.
func (g *group) prepareRequest(c *Change) {
	c.Attempt = 1
	c.Attention = append(c.Attention, c.uncheckedNotes()...)
	again := c.Entry != nil && c.Entry.Phase == state.Intended
	switch {
	case again:
		c.Attempt = c.Entry.Attempt
		c.Attention = append(c.Attention, Reason{Code: "sent_again",
			Message: "an earlier try left no trace at the API; the same request is sent again with the same key"})
	case c.Entry != nil:
		c.Attempt = c.Entry.Attempt + 1
		c.Attention = append(c.Attention, Reason{Code: "earlier_attempt", Message: earlierAttempt(c.Entry)})
	}
	c.Key = refund.Key(c.ID, c.Attempt)
	request, err := c.Spec.Request()
	if err != nil {
		c.Action = 0
		c.decide(Blocked, "not_renderable", err.Error())
		return
	}
	if again {
		request = *c.Entry.Request
	}
	c.Request = &request
}

// earlierAttempt says how the latest attempt ended.
func earlierAttempt(e *state.Entry) string {
	what := "was not sent"
	if e.Phase == state.Refused {
		what = "was refused"
	}
	text := fmt.Sprintf("attempt %d %s", e.Attempt, what)
	if why := strings.Trim(e.Code+": "+e.Message, ": "); why != "" {
		text += " (" + why + ")"
	}
	return text
}

// withoutManifest returns the rows of live refunds and of ledger entries that no manifest asks for.
func (g *group) withoutManifest(read ParentRead) []Change {
	desired := map[string]bool{}
	for _, s := range g.specs {
		desired[s.RefundID] = true
	}
	inLedger := map[string]bool{}
	var rows []Change
	for i := range g.entries {
		e := &g.entries[i]
		if desired[e.ID.RefundID] || e.Phase == state.Refused || e.Phase == state.NotSent {
			continue
		}
		inLedger[e.ID.RefundID] = true
		c := Change{AccountName: g.account.Name, ID: e.ID, PaymentID: e.PaymentID, Amount: e.Amount, Entry: e}
		if found := read.Find(e.ID.RefundID); len(found) > 0 {
			c.Live = &found[0]
		}
		if e.Phase == state.Intended && c.Live == nil {
			c.decide(InDoubt, "outcome_unknown", g.doubtMessage(e)+g.unasked(e))
			c.Reasons[0].Hint = doubtHint
		} else if code, message := c.otherInDoubt(); code != "" {
			c.decide(Conflict, code, "in doubt, and a different refund exists under this refund_id: "+message+g.unasked(e))
			id := e.ID.RefundID
			c.Reasons[0].Hint = "a person must decide: refundctl explain " + id + ", then refundctl recover --resolve " + id + "=not-sent --reason TEXT; if it was sent all the same, " + id + "=sent --against-api"
		} else if a := g.in.Approval; a != nil && a.rows[e.ID] == nil {
			continue // the plan file does not show what else the manifests ask for
		} else {
			c.decide(Orphaned, "not_in_manifest", "in the ledger as "+string(e.Phase)+", in no manifest; what was sent stays sent")
		}
		rows = append(rows, c)
	}
	for i := range read.Live {
		l := &read.Live[i]
		if l.RefundID != "" && (desired[l.RefundID] || inLedger[l.RefundID]) {
			continue
		}
		c := Change{AccountName: g.account.Name, ID: refund.Identity{Parent: g.parent, RefundID: l.RefundID}, Amount: l.Amount, Live: l}
		c.decide(Unmanaged, "not_in_manifest", origin(*l)+"; counted in the balance, never touched")
		rows = append(rows, c)
	}
	return rows
}

// unasked says that no manifest asks for a refund. It is empty if one does that is not in the plan file.
func (g *group) unasked(e *state.Entry) string {
	if g.in.isDesired(g.account.Name, e.ID.RefundID) {
		return ""
	}
	return "; no manifest asks for it now"
}

// otherInDoubt compares a refund in doubt with what the API has under its refund_id. An empty code means that it is
// the same refund, or that it is not in doubt.
func (c *Change) otherInDoubt() (code, message string) {
	if c.Entry.Phase != state.Intended {
		return "", ""
	}
	return Differs(c.Entry.Terms(), c.Live.Terms())
}

// origin says who made a refund that no manifest asks for.
func origin(l refund.Live) string {
	if l.ByMerchant() {
		return "made elsewhere"
	}
	return "made by the API itself (" + l.Type + ")"
}

// known returns the refunds that the parent is known to have: the live list, and what the ledger has as
// accepted or in doubt. A list that lags hides nothing. A refund that another run recorded as dead is dead
// only if the API says so too.
func (g *group) known(read ParentRead) []knownRefund {
	var all []knownRefund
	seen := map[string]bool{}
	for _, l := range read.Live {
		all = append(all, knownRefund{l.RefundID, l.Amount, string(l.Status), l.Status.Dead(), l.ByMerchant() || g.sentFromHere(l.RefundID)})
		seen[l.RefundID] = true
	}
	for _, e := range g.entries {
		if seen[e.ID.RefundID] || !e.Phase.Sent() && e.Phase != state.Intended {
			continue
		}
		status, dead := cmp.Or(string(e.Status), string(e.Phase)), e.Phase == state.Failed
		if g.endUnconfirmed(e) {
			status, dead = status+" in the ledger, which the API does not confirm", false
		}
		all = append(all, knownRefund{e.ID.RefundID, e.Amount, status, dead, true})
	}
	return all
}

// knownRefund is a refund that counts against its parent.
type knownRefund struct {
	refundID string
	amount   money.Amount
	status   string // the API's word, or else the ledger's
	dead     bool

	byMerchant bool // it may be a duplicate
}

// sentFromHere reports whether this ledger sent a refund of a payment: for payments, refund_type is what
// the merchant asked for and does not say who made the refund.
func (g *group) sentFromHere(refundID string) bool {
	e := g.entry(refundID)
	return g.parent.Kind == refund.Payment && e != nil && e.Attempt > 0
}
