package reconcile

import (
	"fmt"
	"strconv"
	"strings"

	"refundctl/internal/refund"
	"refundctl/state"
)

// reasons returns the facts behind the verdict, then what else to know.
func (f *facts) reasons() []Reason {
	var all []Reason
	add := func(code, format string, args ...any) { all = append(all, Reason{code, fmt.Sprintf(format, args...)}) }
	switch f.Verdict {
	case LiveTwice:
		f.twice(add)
	case BankTwice:
		add("paid_twice", "the bank file has it %d times, in rows %s", f.debits(), rowsOf(f.Bank))
	case AmountDiffers:
		add("amount_differs", "%s", f.amountsBySource())
	case DetailsDiffer:
		add("details_differ", "%s", f.details())
	case BankDiffers:
		all = append(all, f.bankReason())
	case StatusDiffers:
		add("status_differs", "the ledger has it as %s, the API as %s", f.Entry.Status, f.live().Status)
	case MissingLive:
		add("missing_live", "accepted at %s", f.Entry.AcceptedAt.In(refund.IST).Format("2006-01-02 15:04:05 -07:00"))
	case Unrecorded:
		if f.Entry != nil {
			add("ledger_phase", "the ledger has it as %s", f.Entry.Phase)
		}
	case UnknownParent:
		add("parent_unknown", "the API does not know %s %s", f.ID.Kind, f.ID.ID)
	case Unread:
		f.failedRead(add)
	case MissingBank:
		if len(f.candidateLines) > 0 {
			add("maybe_in_bank", "row %s may belong to it or to another refund", numbers(f.candidateLines))
		}
	}
	return append(all, f.notes()...)
}

// amountsBySource names the amount of each source.
func (f *facts) amountsBySource() string {
	var said []string
	if f.Spec != nil {
		said = append(said, "the manifest has "+f.Spec.Amount.Human())
	}
	if f.mayHaveMoved() {
		said = append(said, "the ledger "+f.Entry.Amount.Human())
	}
	if l := f.live(); l != nil {
		said = append(said, "the API "+l.Amount.Human())
	}
	return strings.Join(said, ", ")
}

func (f *facts) twice(add func(code, format string, args ...any)) {
	if len(f.Live) > 1 {
		add("live_twice", "the API lists %d refunds under this refund_id", len(f.Live))
	}
	if f.Entry != nil && f.Entry.Conflict != "" {
		add("two_refunds", "the ledger has two live refunds under this refund_id: cf_refund_id %s", f.Entry.Conflict)
	}
}

func (f *facts) failedRead(add func(code, format string, args ...any)) {
	if f.read == nil {
		add("unread", "it appeared while the others were read")
		return
	}
	code := refund.ReadClassOf(f.read.Err)
	if code == "" {
		code = "unread"
	}
	add(string(code), "%v", f.read.Err)
}

// notes returns facts that change no verdict.
func (f *facts) notes() []Reason {
	var all []Reason
	l := f.live()
	if l != nil && f.Entry != nil && f.Entry.Phase == state.Accepted && l.Status.Settled() {
		all = append(all, Reason{"ledger_behind", fmt.Sprintf("the ledger does not have %s yet: refundctl status records it", l.Status)})
	}
	if l != nil && !l.Status.Known() {
		all = append(all, Reason{"unknown_status", fmt.Sprintf("the API reports the status %q, which this version does not know: it does not count as paid", l.Status)})
	}
	if f.sent() && l == nil && f.absent() && f.Verdict != MissingLive {
		all = append(all, Reason{"not_visible_yet", "accepted, but not in the API's list yet"})
	}
	if f.holder != "" {
		all = append(all, Reason{"refund_id_moved", "the ledger has this refund_id on " + f.holder + "; a refund_id stays with its " + string(f.ID.Kind)})
	}
	if f.replaced != "" {
		all = append(all, Reason{"superseded", "replaced by " + f.replaced})
	}
	if len(f.Bank) > 0 && (f.Verdict == InDoubt || f.Verdict == Pending) {
		all = append(all, Reason{"in_bank", "the bank file has it in row " + rowsOf(f.Bank)})
	}
	return all
}

func rowsOf(lines []Line) string {
	rows := make([]int, 0, len(lines))
	for _, l := range lines {
		rows = append(rows, l.Row)
	}
	return numbers(rows)
}

func numbers(list []int) string {
	texts := make([]string, 0, len(list))
	for _, n := range list {
		texts = append(texts, strconv.Itoa(n))
	}
	return strings.Join(texts, ", ")
}
