package reconcile

import (
	"fmt"
	"slices"
	"strings"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/internal/sheet"
)

// index finds refunds by the ids that a bank file may have.
type index struct{ id, cf, arn map[string][]*facts }

func (g *gathered) index() index {
	x := index{map[string][]*facts{}, map[string][]*facts{}, map[string][]*facts{}}
	for _, f := range g.rows {
		put(x.id, f, f.ID.RefundID)
		cfs, arns := []string{}, []string{}
		for _, l := range f.Live {
			cfs, arns = append(cfs, refund.PlainCfID(l.CfRefundID)), append(arns, l.ARN)
		}
		if f.Entry != nil {
			cfs, arns = append(cfs, refund.PlainCfID(f.Entry.CfRefundID)), append(arns, f.Entry.ARN)
		}
		put(x.cf, f, cfs...)
		put(x.arn, f, arns...)
	}
	return x
}

// put adds f under each id once.
func put(m map[string][]*facts, f *facts, ids ...string) {
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		if id != "" {
			m[id] = append(m[id], f)
		}
	}
}

// candidates are the refunds that a line names: by refund_id, else by the API's own id, else by the
// bank's. Reports also write the API's id under the name of refund_id; an event_id is taken for it only
// where the line has neither.
func (x index) candidates(l Line) []*facts {
	event := l.EventID
	if l.RefundID+l.CfRefundID != "" {
		event = ""
	}
	for _, found := range [][]*facts{
		x.id[l.RefundID], x.cf[refund.PlainCfID(l.CfRefundID)], x.cf[refund.PlainCfID(l.RefundID)], x.cf[refund.PlainCfID(event)], x.arn[l.ARN],
	} {
		if len(found) > 0 {
			return l.narrowed(found)
		}
	}
	return nil
}

// narrowed chooses among several by what else the line says, and by which of them can have been paid.
func (l Line) narrowed(found []*facts) []*facts {
	for _, fits := range []func(*facts) bool{
		func(f *facts) bool {
			return l.CfRefundID != "" && refund.PlainCfID(f.cfRefundID()) == refund.PlainCfID(l.CfRefundID)
		},
		func(f *facts) bool { return l.ARN != "" && f.arn() == l.ARN },
		func(f *facts) bool { return l.ParentID != "" && f.ID.ID == l.ParentID },
		func(f *facts) bool { return f.live() != nil || f.moved() },
	} {
		if some := slices.DeleteFunc(slices.Clone(found), func(f *facts) bool { return !fits(f) }); len(some) > 0 && len(found) > 1 {
			found = some
		}
	}
	return found
}

func (r *Row) arn() string {
	if l := r.live(); l != nil && l.ARN != "" {
		return l.ARN
	}
	if r.Entry != nil {
		return r.Entry.ARN
	}
	return ""
}

// match gives each line to its refund. What is left are rows of their own: lines of no refund, and
// lines that may be of several, which count once all the same.
func (g *gathered) match() (rows []*Row) {
	if g.in.Bank == nil {
		return nil
	}
	x := g.index()
	for _, l := range g.in.Bank.Lines {
		found := x.candidates(l)
		if len(found) == 1 {
			found[0].Bank = append(found[0].Bank, l)
			continue
		}
		row := &Row{Verdict: Unexplained, Bank: []Line{l}, Amount: l.signed(), Reasons: []Reason{l.unknown()}}
		if len(found) > 1 {
			row.Verdict, row.Reasons = BankTwice, []Reason{{"several_refunds", "it may be of " + named(found)}}
		}
		for _, f := range found {
			f.maybe = append(f.maybe, l.Row)
		}
		rows = append(rows, row)
	}
	for _, f := range g.rows {
		slices.SortFunc(f.Bank, func(a, b Line) int { return a.Row - b.Row })
		slices.Sort(f.maybe)
	}
	slices.SortFunc(rows, func(a, b *Row) int { return a.Bank[0].Row - b.Bank[0].Row })
	return rows
}

func named(found []*facts) string {
	const most = 5
	var texts []string
	for i, f := range found {
		if i == most {
			texts = append(texts, fmt.Sprintf("%d more", len(found)-most))
			break
		}
		texts = append(texts, fmt.Sprintf("%s (%s %s)", f.ID.RefundID, f.ID.Kind, f.ID.ID))
	}
	return strings.Join(texts, ", ")
}

// unknown says why a line is of no refund.
func (l Line) unknown() Reason {
	switch {
	case l.RefundID+l.CfRefundID+l.EventID+l.ARN == "":
		return Reason{"no_id", "the row names no refund"}
	case sheet.Shortened(l.RefundID) || sheet.Shortened(l.CfRefundID) || sheet.Shortened(l.ARN):
		return Reason{"id_rounded", "a spreadsheet has rounded the row's number: export it again with the column as text"}
	}
	return Reason{"unknown_id", "neither manifests, ledger nor the lists that were read know it"}
}

// debits is how many lines say that money went out.
func (r *Row) debits() (n int) {
	for _, l := range r.Bank {
		if !l.Back {
			n++
		}
	}
	return n
}

// bankDiffers: what the bank file has of a refund must be its amount, and nothing where none is due.
func (f *facts) bankDiffers() bool { return f.bankReason().Code != "" }

func (f *facts) bankReason() Reason {
	if len(f.Bank) == 0 {
		return Reason{}
	}
	net := f.InBank()
	switch {
	case f.dead():
		return Reason{"bank_paid_dead", "the bank file has it, and no money should have moved"}
	case f.live() == nil && !f.sent():
		return Reason{"bank_unsent", "the bank file has it, and nobody knows that it was sent"}
	case len(net.Amounts) != 1 || net.Amounts[0] != f.Amount:
		return Reason{"bank_amount", "the bank file has " + human(net) + ", not " + f.Amount.Human()}
	}
	for _, l := range f.Bank {
		known := refund.PlainCfID(f.cfRefundID())
		switch {
		case l.CfRefundID != "" && known != "" && refund.PlainCfID(l.CfRefundID) != known:
			return Reason{"bank_other_refund", fmt.Sprintf("row %d has cf_refund_id %s, the API %s", l.Row, l.CfRefundID, known)}
		case l.ParentID != "" && f.ID.Kind == refund.Order && l.ParentID != f.ID.ID:
			return Reason{"bank_other_order", fmt.Sprintf("row %d has %s", l.Row, l.ParentID)}
		}
	}
	return Reason{}
}

func human(t money.Tally) string {
	texts := make([]string, 0, len(t.Amounts))
	for _, a := range t.Amounts {
		texts = append(texts, a.Human())
	}
	return strings.Join(texts, ", ")
}
