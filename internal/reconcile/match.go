package reconcile

import (
	"fmt"
	"slices"
	"strings"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/internal/sheet"
)

// index finds refunds by the ids in a bank file.
type index struct{ id, cf, arn map[string][]*facts }

func (g *sources) index() index {
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

// candidates returns the refunds that a line names: by refund_id, else by the API's own id, else by the
// bank's. Reports also write the API's id in a column refund_id. An event_id counts as the API's id only if
// the line has neither.
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

// narrowed chooses among several refunds: by the line's other ids, and by which of them may have been paid.
func (l Line) narrowed(found []*facts) []*facts {
	for _, fits := range []func(*facts) bool{
		func(f *facts) bool {
			return l.CfRefundID != "" && refund.PlainCfID(f.cfRefundID()) == refund.PlainCfID(l.CfRefundID)
		},
		func(f *facts) bool { return l.ARN != "" && f.arn() == l.ARN },
		func(f *facts) bool { return l.ParentID != "" && f.ID.ID == l.ParentID },
		func(f *facts) bool { return f.live() != nil || f.mayHaveMoved() },
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

// match gives each line to its refund. Lines of no refund, and lines that may belong to several, become
// rows themselves and count once.
func (g *sources) match() (rows []*Row) {
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
		row := &Row{Verdict: Unexplained, Bank: []Line{l}, Amount: l.signed(), Reasons: []Reason{l.unknownReason()}}
		if len(found) > 1 {
			row.Verdict, row.Reasons = BankTwice, []Reason{{"several_refunds", "it may belong to " + refundList(found)}}
		}
		for _, f := range found {
			f.candidateLines = append(f.candidateLines, l.Row)
		}
		rows = append(rows, row)
	}
	for _, f := range g.rows {
		slices.SortFunc(f.Bank, func(a, b Line) int { return a.Row - b.Row })
		slices.Sort(f.candidateLines)
	}
	slices.SortFunc(rows, func(a, b *Row) int { return a.Bank[0].Row - b.Bank[0].Row })
	return rows
}

func refundList(found []*facts) string {
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

// unknownReason says why a line belongs to no refund.
func (l Line) unknownReason() Reason {
	switch {
	case l.RefundID+l.CfRefundID+l.EventID+l.ARN == "":
		return Reason{"no_id", "the row names no refund"}
	case sheet.Shortened(l.RefundID) || sheet.Shortened(l.CfRefundID) || sheet.Shortened(l.ARN):
		return Reason{"id_rounded", "a spreadsheet has rounded the row's number: export the file again with that column as text"}
	}
	return Reason{"unknown_id", "no manifest, no ledger entry and no list that was read has its id"}
}

// debits counts the lines of money that went out.
func (r *Row) debits() (n int) {
	for _, l := range r.Bank {
		if !l.Back {
			n++
		}
	}
	return n
}

// bankDiffers: the lines of a refund must add up to its amount, and there must be none if nothing is due.
func (f *facts) bankDiffers() bool { return f.bankReason().Code != "" }

func (f *facts) bankReason() Reason {
	if len(f.Bank) == 0 {
		return Reason{}
	}
	net := f.InBank()
	switch {
	case f.dead():
		return Reason{"bank_paid_dead", "the bank file has it, but no money should have moved"}
	case f.live() == nil && !f.sent():
		return Reason{"bank_unsent", "the bank file has it, but no source has it as sent"}
	case len(net.Amounts) != 1 || net.Amounts[0] != f.Amount:
		return Reason{"bank_amount", "the bank file has " + humanSum(net) + ", not " + f.Amount.Human()}
	}
	for _, l := range f.Bank {
		known := refund.PlainCfID(f.cfRefundID())
		switch {
		case l.CfRefundID != "" && known != "" && refund.PlainCfID(l.CfRefundID) != known:
			return Reason{"bank_other_refund", fmt.Sprintf("row %d has cf_refund_id %s, the API has %s", l.Row, l.CfRefundID, known)}
		case l.ParentID != "" && f.ID.Kind == refund.Order && l.ParentID != f.ID.ID:
			return Reason{"bank_other_order", fmt.Sprintf("row %d has order %s", l.Row, l.ParentID)}
		}
	}
	return Reason{}
}

func humanSum(t money.Tally) string {
	texts := make([]string, 0, len(t.Amounts))
	for _, a := range t.Amounts {
		texts = append(texts, a.Human())
	}
	return strings.Join(texts, ", ")
}
