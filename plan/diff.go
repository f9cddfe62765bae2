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

// diff turns one parent into rows: what is wanted, then what is live or remembered and not wanted.
// No I/O; the time comes in.
func (g *group) diff(read ParentRead, now time.Time) []Change {
	rows := g.rows(read, now)
	g.guard(rows, read, now)
	rows = append(rows, g.unwanted(read, now)...)
	slices.SortStableFunc(rows, func(a, b Change) int {
		x, y := a.Source(), b.Source()
		if (x.File == "") != (y.File == "") {
			return cmp.Compare(y.File, x.File)
		}
		return cmp.Or(cmp.Compare(x.File, y.File), cmp.Compare(x.Line, y.Line), cmp.Compare(a.ID.RefundID, b.ID.RefundID))
	})
	return rows
}

// rows gives each wanted refund its first fitting action, guards aside.
func (g *group) rows(read ParentRead, now time.Time) []Change {
	rows := make([]Change, 0, len(g.specs))
	for i := range g.specs {
		spec := &g.specs[i]
		c := Change{
			AccountName: g.account.Name, ID: spec.Identity(g.parent.Account), PaymentID: spec.PaymentID,
			Amount: spec.Amount, Spec: spec, Entry: g.entry(spec.RefundID),
			unselected: g.in.Selected != nil && !g.in.Selected(*spec),
		}
		found := read.Find(spec.RefundID)
		if len(found) > 0 {
			c.Live = &found[0]
		}
		if len(found) > 1 {
			c.decide(Conflict, "live_twice", fmt.Sprintf("the API lists %d refunds under this id", len(found)))
		}
		g.judge(&c, read, now)
		c.attend()
		if c.Action == Create || c.Action == Held {
			g.prepare(&c)
		}
		rows = append(rows, c)
	}
	return rows
}

// decide sets the action, unless one that comes earlier in the precedence is set.
func (c *Change) decide(a Action, code, message string) {
	if c.Action == 0 {
		c.Action = a
	}
	if c.Action == a && code != "" {
		c.Reasons = append(c.Reasons, Reason{Code: code, Message: message})
	}
}

// judge walks the table of actions from the top.
func (g *group) judge(c *Change, read ParentRead, now time.Time) {
	g.conflicts(c, read, now)
	status, known := c.fact()
	reason, out := g.in.leftOut(c.Spec, c.ID)
	switch {
	case c.Action != 0:
	case known && status.Dead():
		c.decide(Failed, "dead", "the API holds this refund as "+string(status)+"; it will not be paid")
		c.Reasons[0].Hint = "if the money is still owed: refundctl reissue " + c.ID.RefundID
	case known && status == refund.Success && (c.Live != nil || !read.Good()):
		c.decide(InSync, "", "")
	case known && c.Live != nil:
		c.decide(Pending, "", "")
	case known && read.Good():
		c.decide(Pending, "not_visible_yet", "accepted, but not in the API's list yet")
	case known:
		c.decide(Pending, "", "")
	case c.Entry != nil && c.Entry.Phase == state.Intended && !g.mayGoAgain(c):
		c.decide(InDoubt, "outcome_unknown", g.doubt(c.Entry))
		c.Reasons[0].Hint = "refundctl recover reads it back; it is not sent again meanwhile"
	case out:
		c.decide(Held, reason.Code, reason.Message)
	default:
		c.decide(Create, "", "")
	}
}

// fact is the refund's status as live reports it, else as the ledger remembers it.
func (c *Change) fact() (refund.Status, bool) {
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

// mayGoAgain tells whether this run proved an unknown try absent and the row still asks for the
// same bytes (R8).
func (g *group) mayGoAgain(c *Change) bool { return g.in.Proven[c.ID] && asksFor(*c.Spec, *c.Entry) }

// asksFor tells whether the row would send the bytes that the entry's intent holds.
func asksFor(s refund.Spec, e state.Entry) bool { return e.Request != nil && renders(s, *e.Request) }

func (g *group) doubt(e *state.Entry) string {
	text := fmt.Sprintf("outcome unknown since %s", clock(e.TriedAt))
	if e.Message != "" {
		text += " (" + e.Message + ")"
	}
	return text + fmt.Sprintf("; it settles by reading at %s at the latest", clock(e.ResolvesAt(g.in.SettleAfter)))
}

// prepare renders what would be sent, and under which key.
func (g *group) prepare(c *Change) {
	c.Attempt = 1
	c.Attention = append(c.Attention, c.unlisted()...)
	again := c.Entry != nil && c.Entry.Phase == state.Intended
	switch {
	case again:
		c.Attempt = c.Entry.Attempt
		c.Attention = append(c.Attention, Reason{Code: "sent_again",
			Message: "an earlier try left no trace at the API; the same request goes again under the same key"})
	case c.Entry != nil:
		c.Attempt = c.Entry.Attempt + 1
		c.Attention = append(c.Attention, Reason{Code: "earlier_attempt", Message: earlier(c.Entry)})
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

func earlier(e *state.Entry) string {
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

// unwanted are the live and remembered refunds that no manifest asks for.
func (g *group) unwanted(read ParentRead, now time.Time) []Change {
	wanted := map[string]bool{}
	for _, s := range g.specs {
		wanted[s.RefundID] = true
	}
	remembered := map[string]bool{}
	var rows []Change
	for i := range g.entries {
		e := &g.entries[i]
		if wanted[e.ID.RefundID] || e.Phase == state.Refused || e.Phase == state.NotSent {
			continue
		}
		remembered[e.ID.RefundID] = true
		c := Change{AccountName: g.account.Name, ID: e.ID, PaymentID: e.PaymentID, Amount: e.Amount, Entry: e}
		if found := read.Find(e.ID.RefundID); len(found) > 0 {
			c.Live = &found[0]
		}
		if e.Phase == state.Intended && c.Live == nil {
			c.decide(InDoubt, "outcome_unknown", g.doubt(e)+"; no manifest asks for it any more")
		} else if a := g.in.Approval; a != nil && !a.rows[e.ID] {
			continue // the plan file does not say what the manifests ask for beside it
		} else {
			c.decide(Orphaned, "not_in_manifest", "in the ledger as "+string(e.Phase)+", in no manifest; what was sent stays sent")
		}
		rows = append(rows, c)
	}
	for i := range read.Live {
		l := &read.Live[i]
		if l.RefundID != "" && (wanted[l.RefundID] || remembered[l.RefundID]) {
			continue
		}
		c := Change{AccountName: g.account.Name, ID: refund.Identity{Parent: g.parent, RefundID: l.RefundID}, Amount: l.Amount, Live: l}
		c.decide(Unmanaged, "not_in_manifest", made(*l)+"; counted in the balance, never touched")
		rows = append(rows, c)
	}
	return rows
}

func made(l refund.Live) string {
	if l.ByMerchant() {
		return "made elsewhere"
	}
	return "made by the API itself (" + l.Type + ")"
}

// union is what the parent is known to bear, by refund_id: the live list and what the ledger
// accepted or left in doubt. A list that lags hides nothing, and what another run recorded as dead is so only if the
// API says it too.
func (g *group) union(read ParentRead) []borne {
	var all []borne
	seen := map[string]bool{}
	for _, l := range read.Live {
		all = append(all, borne{l.RefundID, l.Amount, string(l.Status), l.Status.Dead(), l.ByMerchant() || g.sent(l.RefundID)})
		seen[l.RefundID] = true
	}
	for _, e := range g.entries {
		if seen[e.ID.RefundID] || !e.Phase.Sent() && e.Phase != state.Intended {
			continue
		}
		standing, dead := cmp.Or(string(e.Status), string(e.Phase)), e.Phase == state.Failed
		if g.doubtsEnd(e) {
			standing, dead = standing+" in the ledger, which the API does not confirm", false
		}
		all = append(all, borne{e.ID.RefundID, e.Amount, standing, dead, true})
	}
	return all
}

// borne is a refund that its parent bears.
type borne struct {
	refundID string
	amount   money.Amount
	standing string // the API's word, else the ledger's
	dead     bool

	byMerchant bool // it may be a twin
}

// sent reports whether this ledger sent a refund of a payment: its refund_type is the merchant's own
// word there.
func (g *group) sent(refundID string) bool {
	e := g.entry(refundID)
	return g.parent.Kind == refund.Payment && e != nil && e.Attempt > 0
}
