package view

import (
	"fmt"
	"io"
	"time"

	"refundctl/internal/diag"
	"refundctl/internal/money"
	"refundctl/internal/reconcile"
	"refundctl/internal/refund"
)

// Reconciliation is the result of reconcile, and what it compared.
type Reconciliation struct {
	reconcile.Result
	Asked   bool             // the API was asked; otherwise live is no source
	Parents int              // that were asked for
	Failed  []reconcile.Read // those that could not be read
	Reads   int              // requests that were made to read
	Partial bool             // a kind without a list was among them: refunds made by others cannot be seen
	Bank    *reconcile.Bank  // nil without a file
	Period  refund.Period
}

// LongRead warns before many reads how long the API's limits make them take, at least.
func LongRead(w io.Writer, parents int, least time.Duration, s Style) error {
	out := newPrinter(w, s)
	out.wrapped(0, "Reading "+countParents(parents)+", oldest first: with the API's limits, this takes at least "+wait(least)+".")
	return out.Flush()
}

// ReconcileOptions controls the text of a reconciliation. Verbose also lists rows that need no action.
type ReconcileOptions struct {
	Style
	Verbose bool
}

// verdictText is how a verdict is printed: its sign, its colour, what it means and what to do.
type verdictText struct {
	sign    string
	hue     color
	meaning string
	hint    string
}

var verdictWords = map[reconcile.Verdict]verdictText{
	reconcile.LiveTwice:     {"!", red, "two refunds of the API under one refund_id", "money may have been paid twice: refundctl explain REFUND_ID, then ask Cashfree"},
	reconcile.BankTwice:     {"!", red, "two lines of the bank file for one refund, or one for two", "money may have been paid twice: compare the rows with the bank statement"},
	reconcile.AmountDiffers: {"!", red, "manifest, ledger and API do not have the same amount", "an existing refund cannot be changed: find out who edited what, and correct the manifest"},
	reconcile.DetailsDiffer: {"!", red, "a different order, payment or split", "refundctl explain REFUND_ID"},
	reconcile.InDoubt:       {"?", magenta, "it may have been sent, and the API does not show it", "refundctl recover resolves it by reading"},
	reconcile.BankDiffers:   {"!", red, "the bank file has a different amount, or a refund that should not be there", "compare the rows with the bank statement; refundctl explain REFUND_ID"},
	reconcile.StatusDiffers: {"!", red, "settled in the ledger, and the API says otherwise", "refundctl explain REFUND_ID, then ask Cashfree"},
	reconcile.MissingLive:   {"!", red, "sent according to the ledger, but not at the API", "is it the right account? refundctl explain REFUND_ID, then ask Cashfree; it is not sent again"},
	reconcile.Unmanaged:     {"*", magenta, "live, but in no manifest and not in the ledger", "find out who made it; refundctl import live --order ORDER_ID adopts it into a manifest"},
	reconcile.Unrecorded:    {"!", magenta, "live, but not sent according to the ledger", "if a manifest asks for it, refundctl apply --refresh all records it without sending it"},
	reconcile.Unexplained:   {"*", magenta, "in the bank file, but no known refund matches it", "does it belong to another account, or was it made elsewhere? --map names columns"},
	reconcile.UnknownParent: {"#", magenta, "the API does not know its order, subscription or payment", "check its id, and that the account and environment are the ones that took the payment"},
	reconcile.Unread:        {"#", magenta, "its order, subscription or payment could not be read", "try again when the API can be reached; send an answer that cannot be read to Cashfree support"},
	reconcile.Failed:        {"x", red, "failed or cancelled, and a manifest still asks for it", "refundctl reissue REFUND_ID asks for it again if the money is still owed; else remove the row"},
	reconcile.Orphaned:      {"o", magenta, "sent, but no longer in a manifest", "what was sent stays sent: put the row back into a manifest"},
	reconcile.NotSent:       {"+", green, "in a manifest, but never sent", "refundctl plan says whether it can be sent"},
	reconcile.MissingBank:   {"!", magenta, "paid according to the API, but not in the bank file", "does the file cover enough days? a refund takes days to reach the bank"},
	reconcile.Pending:       {"…", cyan, "not settled yet", ""},
	reconcile.Held:          {"h", "", "hold: true, and never sent", ""},
	reconcile.Automatic:     {"*", "", "made by the API itself", ""},
	reconcile.Void:          {"x", "", "no money moved, and none is due", ""},
	reconcile.Matched:       {"=", green, "paid, and all sources agree", ""},
}

// Reconcile prints the sums of each verdict in each source, then what differs, worst first.
func Reconcile(w io.Writer, r Reconciliation, o ReconcileOptions) error {
	out := reconcilePrinter{printer: newPrinter(w, o.Style), r: r}
	names := map[string]bool{}
	for i := range r.Rows {
		if r.Rows[i].Account != "" {
			names[r.Rows[i].Account] = true
		}
	}
	out.accounts = len(names) > 1
	out.head()
	if len(r.Rows) > 0 {
		out.line("")
		out.totals()
	}
	for _, v := range reconcile.Verdicts {
		if r.Totals[v].Rows > 0 && (o.Verbose || v.Differs()) {
			out.verdict(v)
		}
	}
	return out.Flush()
}

type reconcilePrinter struct {
	*printer
	r        Reconciliation
	accounts bool // several: each row names its own
}

// head prints the result and what it is based on.
func (p *reconcilePrinter) head() {
	differ := p.r.Differing()
	text := p.paint(green, "Nothing differs.")
	switch {
	case len(p.r.Rows) == 0:
		text = "Nothing to reconcile."
	case differ > 0:
		text = p.paint(red, differing(differ)+".")
	}
	p.line("%s", p.paint(bold, text))
	for _, line := range p.remarks() {
		p.wrapped(0, line)
	}
}

func differing(n int) string {
	if n == 1 {
		return "1 row differs"
	}
	return count(n, "row") + " differ"
}

func (p *reconcilePrinter) remarks() []string {
	r := p.r
	lines := []string{"The API was not read: only manifests and ledger are compared."}
	if r.Asked {
		of := ""
		if len(r.Failed) > 0 {
			of = fmt.Sprintf("%d of ", r.Parents-len(r.Failed))
		}
		lines[0] = of + countParents(r.Parents) + " read with " + count(r.Reads, "request") + ". Nothing was sent or recorded."
	}
	if r.Partial {
		lines = append(lines, "The API has no list for subscriptions and Flowwise payments: refunds that others made there are not visible.")
	}
	if b := r.Bank; b != nil {
		text := "Bank file " + Escape(b.File) + ": " + count(len(b.Lines), "row") + " of refunds"
		if b.Others > 0 {
			text += fmt.Sprintf(", %d of other events", b.Others)
		}
		if b.Unpaid > 0 {
			text += fmt.Sprintf(", %d of refunds not paid", b.Unpaid)
		}
		lines = append(lines, text+".")
	}
	if r.Outside > 0 {
		lines = append(lines, "Left out because of their date: "+count(r.Outside, "refund")+".")
	}
	if r.Elsewhere > 0 {
		lines = append(lines, "Left out because of their account or environment: "+count(r.Elsewhere, "row")+" of manifests and ledger.")
	}
	return lines
}

// verdict prints the rows of one verdict, with what it means and what to do.
func (p *reconcilePrinter) verdict(v reconcile.Verdict) {
	words := verdictWords[v]
	p.line("")
	p.wrapped(0, p.paint(bold, string(v))+": "+words.meaning)
	if words.hint != "" && v.Differs() {
		p.advice(2, "hint: "+words.hint)
	}
	for i := range p.r.Rows {
		if row := &p.r.Rows[i]; row.Verdict == v {
			p.refund(row, words)
		}
	}
}

func (p *reconcilePrinter) refund(row *reconcile.Row, words verdictText) {
	head := "  " + p.paint(words.hue, words.sign) + " "
	if row.ID.Kind == "" {
		p.hang(head, 6, p.lineOf(row.Bank[0]))
	} else {
		id := row.ID.RefundID
		if id == "" {
			id = "(no refund_id)"
		}
		text := Escape(id) + "  " + Escape(string(row.ID.Kind)+" "+row.ID.ID)
		if p.accounts {
			text += " (account " + Escape(row.Account) + ")"
		}
		p.hang(head, 6, text)
		p.holdings(row)
	}
	for _, r := range row.Reasons {
		p.wrapped(6, Escape(r.Code+": "+r.Message))
	}
}

// holdings prints what each source has of a refund.
func (p *reconcilePrinter) holdings(row *reconcile.Row) {
	t := table{indent: 6, deeper: 16, columns: []column{{least: len("manifest")}, {hang: true}}}
	has := func(source string, a money.Amount, more ...string) {
		text := Escape(a.Human())
		for _, m := range more {
			if m != "" {
				text += ", " + m
			}
		}
		p.row(&t, cell{text: source}, cell{text: text})
	}
	if s := row.Spec; s != nil {
		has("manifest", s.Amount, Escape(diag.Place{File: s.Source.File, Line: s.Source.Line}.String()))
	}
	if e := row.Entry; e != nil {
		has("ledger", e.Amount, entryOutcome(*e), idAs("refund_arn", e.ARN))
	}
	for _, l := range row.Live {
		has("live", l.Amount, liveOutcome(l.Status), idAs("cf_refund_id", l.CfRefundID), idAs("refund_arn", l.ARN), Escape(l.Type))
	}
	for _, l := range row.Bank {
		p.row(&t, cell{text: "bank"}, cell{text: p.lineOf(l)})
	}
}

func idAs(name, value string) string {
	if value == "" {
		return ""
	}
	return name + " " + Escape(value)
}

// lineOf is a line of the bank file: its place, its money and its ids.
func (p *reconcilePrinter) lineOf(l reconcile.Line) string {
	text := fmt.Sprintf("%s  %s", Escape(l.Amount.Human()), Escape(diag.Place{File: p.r.Bank.File, Line: l.Row}.String()))
	if l.Back {
		text += ", came back"
	}
	for _, f := range []fact{{"refund_id", l.RefundID}, {"cf_refund_id", l.CfRefundID}, {"event_id", l.EventID}, {"arn", l.ARN}, {"date", l.Date}} {
		if f.Value != "" {
			text += ", " + f.Name + " " + Escape(f.Value)
		}
	}
	return text
}

// countParents counts in the words that people read.
func countParents(n int) string {
	if n == 1 {
		return "1 order, subscription or payment"
	}
	return grouped(n) + " orders, subscriptions and payments"
}
