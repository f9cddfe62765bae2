package cli

import (
	"cmp"
	"fmt"
	"slices"

	"refundctl/internal/diag"
	"refundctl/internal/refund"
	"refundctl/internal/view"
	"refundctl/plan"
	"refundctl/schema"
)

// liveImport is what is live on its way into a manifest.
type liveImport struct {
	*importing
	known  map[string]refund.Spec // of the account's manifests, by refund_id
	text   []byte
	result view.LiveImport
}

// order takes the refunds of an order, oldest first.
func (i *liveImport) order(l listed) error {
	if l.err != nil {
		reason := l.err.Error()
		if refund.ReadClassOf(l.err) == refund.NotFound {
			reason = "the account has no such order"
		}
		i.leave(l.order, refund.Live{}, "unread", reason)
		return nil
	}
	slices.SortStableFunc(l.live, func(a, b refund.Live) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.RefundID, b.RefundID))
	})
	for _, live := range l.live {
		if err := i.refund(l.order, live); err != nil {
			return err
		}
	}
	return nil
}

func (i *liveImport) leave(order string, live refund.Live, code, reason string) {
	l := view.LeftOut{OrderID: order, RefundID: firstOf(live.RefundID, "without an id"), Status: string(live.Status), Code: code, Reason: reason}
	if code == "unread" {
		l.RefundID = ""
	} else {
		l.Amount = live.Amount.Human()
	}
	i.result.LeftOut = append(i.result.LeftOut, l)
}

// refund adopts a live refund, finds it in the manifests, or leaves it out.
func (i *liveImport) refund(order string, live refund.Live) error {
	held, explained := i.known[live.RefundID]
	want := i.spec(order, live)
	switch code, message := plan.Differs(held.Terms(), live.Terms()); {
	case explained && (held.Kind != refund.Order || held.ParentID != order):
		i.leave(order, live, "parent_differs", fmt.Sprintf("%s asks for this refund_id on %s %s", held.Source, held.Kind, held.ParentID))
	case explained && code != "":
		i.leave(order, live, code, held.Source.String()+" asks for something else: "+message)
	case explained:
		i.result.Explained.Add(live.Amount)
	case live.Status.Dead():
		i.leave(order, live, "dead", "its money does not move")
	case !live.ByMerchant():
		i.leave(order, live, "automatic", "the API made it by itself ("+live.Type+"): plan counts it in the balance")
	default:
		return i.adopt(order, live, want)
	}
	return nil
}

// adopt writes the row of a live refund, without its note where no manifest may hold that.
func (i *liveImport) adopt(order string, live refund.Live, want refund.Spec) error {
	row, why := i.row(want)
	if why != "" && want.Note != "" {
		want.Note = ""
		if row, _ = i.row(want); row != "" {
			i.leave(order, live, "note", "its note alone, the refund was added: "+why)
		}
	}
	if row == "" {
		i.leave(order, live, "no_manifest", "no manifest can ask for it: "+why)
		return nil
	}
	i.known[want.RefundID] = want
	i.text = append(i.text, row...)
	i.result.Added.Add(want.Amount)
	return nil
}

// row is the row that asks for a refund, or why there is none.
func (i *liveImport) row(want refund.Spec) (row, why string) {
	row = schema.WriteRefund(want)
	parsed := schema.Parse(i.target.name, []byte(schema.WriteHead("", want.Account)+row), i.opts)
	if n := slices.IndexFunc(parsed.Diagnostics, func(d diag.Diagnostic) bool { return d.Severity == diag.Error }); n >= 0 {
		return "", parsed.Diagnostics[n].Message
	}
	if len(parsed.Specs) != 1 || !sameRefund(parsed.Specs[0], want) {
		return "", "it would not be read back as it is live"
	}
	return row, ""
}

// spec is what a manifest would ask for to get what is live.
func (i *liveImport) spec(order string, live refund.Live) refund.Spec {
	s := refund.Spec{
		Account: i.result.Account, Kind: refund.Order, ParentID: order, RefundID: live.RefundID, Amount: live.Amount,
		Note: live.Note, Splits: live.Splits, Labels: map[string]string{importedLabel: importedLive},
	}
	if live.Speed.Requested == "STANDARD" || live.Speed.Requested == "INSTANT" {
		s.Speed = live.Speed.Requested
	}
	return s
}
