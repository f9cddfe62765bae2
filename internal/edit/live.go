package edit

import (
	"cmp"
	"fmt"
	"slices"

	"refundctl/internal/diag"
	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/schema"
	"refundctl/schema/layout"
)

// LiveStem names the manifest for imported live refunds if the caller names none.
const LiveStem = "live"

// The label of a row that was imported from a live refund.
const (
	importedLabel = "imported"
	importedLive  = "live"
)

// OrderRefunds are the live refunds of an order, or why they could not be read.
type OrderRefunds struct {
	OrderID string
	Refunds []refund.Live
	Err     error
}

// LiveResult is the result of importing the live refunds of some orders. Every live refund is in one of Added,
// InManifests and LeftOut.
type LiveResult struct {
	Orders      int
	Added       money.Tally
	InManifests money.Tally // manifests ask for them already
	LeftOut     []LeftOut
}

// LeftOut is a live refund without a new row, or an order that could not be read.
type LeftOut struct {
	OrderID string
	Refund  *refund.Live // nil for the whole order
	Code    string
	Reason  string
}

// Differs returns the first difference between a desired refund and the live one: a code and a message, both
// empty if they are the same refund.
type Differs func(desired, live refund.Terms) (code, message string)

// LiveImport is an import of live refunds into a manifest.
type LiveImport struct {
	Result LiveResult

	into    *Import
	desired map[string]refund.Spec // by refund_id: what manifests ask for, and the new rows
	differs Differs
}

// Live prepares rows for the live refunds of orders that no manifest asks for. It leaves out refunds that failed or
// were cancelled, those that the API made automatically, and those that no manifest can ask for.
func (i *Import) Live(orders []OrderRefunds, differs Differs) *LiveImport {
	l := &LiveImport{into: i, desired: map[string]refund.Spec{}, differs: differs, Result: LiveResult{Orders: len(orders)}}
	for _, s := range i.manifests {
		if s.Account == i.Account.Name {
			l.desired[s.RefundID] = s
		}
	}
	for _, o := range orders {
		l.order(o)
	}
	return l
}

// Imported returns the target with the new rows. It refuses an existing target without a row that was imported from a
// live refund.
func (l *LiveImport) Imported() (*Imported, error) {
	t := l.into.target
	ours := func(s refund.Spec) bool {
		return s.Account == l.into.Account.Name && s.Source.File == t.name && s.Labels[importedLabel] == importedLive
	}
	if t.before != nil && !slices.ContainsFunc(l.into.manifests, ours) {
		return nil, refuse(TargetNotLive, "", "%s exists and has no row that was imported from live refunds; it is not changed", t.name)
	}
	return l.into.imported()
}

// order imports the refunds of an order, oldest first.
func (l *LiveImport) order(o OrderRefunds) {
	if o.Err != nil {
		reason := o.Err.Error()
		if refund.ReadClassOf(o.Err) == refund.NotFound {
			reason = "the account has no such order"
		}
		l.Result.LeftOut = append(l.Result.LeftOut, LeftOut{OrderID: o.OrderID, Code: "unread", Reason: reason})
		return
	}
	slices.SortStableFunc(o.Refunds, func(a, b refund.Live) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.RefundID, b.RefundID))
	})
	for _, live := range o.Refunds {
		l.refund(o.OrderID, live)
	}
}

func (l *LiveImport) leaveOut(order string, live refund.Live, code, reason string) {
	l.Result.LeftOut = append(l.Result.LeftOut, LeftOut{order, &live, code, reason})
}

// refund makes a row of a live refund, finds it in the manifests, or leaves it out.
func (l *LiveImport) refund(order string, live refund.Live) {
	desired, found := l.desired[live.RefundID]
	switch code, message := l.differs(desired.Terms(), live.Terms()); {
	case found && (desired.Kind != refund.Order || desired.ParentID != order):
		l.leaveOut(order, live, "parent_differs", fmt.Sprintf("%s asks for this refund_id on %s %s", desired.Source, desired.Kind, desired.ParentID))
	case found && code != "":
		l.leaveOut(order, live, code, desired.Source.String()+" asks for something else: "+message)
	case found:
		l.Result.InManifests.Add(live.Amount)
	case live.Status.Dead():
		l.leaveOut(order, live, "dead", "it failed or was cancelled, so no money moves")
	case !live.ByMerchant():
		l.leaveOut(order, live, "automatic", "the API made it automatically ("+live.Type+"): plan counts it in the balance")
	default:
		l.adopt(order, live)
	}
}

// adopt adds the row of a live refund, without its note if no manifest may contain the note.
func (l *LiveImport) adopt(order string, live refund.Live) {
	spec := l.spec(order, live)
	row, why := l.row(spec)
	if why != "" && spec.Note != "" {
		spec.Note = ""
		if row, _ = l.row(spec); row != "" {
			l.leaveOut(order, live, "note", "only its note was left out, the refund was added: "+why)
		}
	}
	if row == "" {
		l.leaveOut(order, live, "no_manifest", "no manifest can ask for it: "+why)
		return
	}
	l.desired[spec.RefundID] = spec
	l.into.rows = append(l.into.rows, row...)
	l.Result.Added.Add(spec.Amount)
}

// row returns the text of a row, or why no manifest may contain it.
func (l *LiveImport) row(s refund.Spec) (row, why string) {
	row = layout.WriteRefund(s)
	parsed := schema.Parse(l.into.target.name, []byte(layout.WriteHead("", s.Account)+row), l.into.options())
	if n := slices.IndexFunc(parsed.Diagnostics, func(d diag.Diagnostic) bool { return d.Severity == diag.Error }); n >= 0 {
		return "", parsed.Diagnostics[n].Message
	}
	if len(parsed.Specs) != 1 || !sameRow(parsed.Specs[0], s) {
		return "", "the row would not read back as the live refund"
	}
	return row, ""
}

// spec returns the row that equals the live refund.
func (l *LiveImport) spec(order string, live refund.Live) refund.Spec {
	s := refund.Spec{
		Account: l.into.Account.Name, Kind: refund.Order, ParentID: order, RefundID: live.RefundID, Amount: live.Amount,
		Note: live.Note, Splits: live.Splits, Labels: map[string]string{importedLabel: importedLive},
	}
	if live.Speed.Requested == "STANDARD" || live.Speed.Requested == "INSTANT" {
		s.Speed = live.Speed.Requested
	}
	return s
}
