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

// Reconciliation is what reconcile came to, and what it looked at.
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

// LongRead tells a person before many reads how long the API's limits make them take, at least.
func LongRead(w io.Writer, parents int, least time.Duration, s Style) error {
	out := newPrinter(w, s)
	out.wrapped(0, "Reading "+count(parents, "parent")+", oldest first: the API's limits make that "+wait(least)+" at least.")
	return out.Flush()
}

// ReconcileOptions says how a reconciliation is told to a person. Verbose also lists what needs nobody.
type ReconcileOptions struct {
	Style
	Verbose bool
}

// spoken is how a verdict is told: its sign, its colour, what it means and what to do.
type spoken struct {
	sign    string
	hue     color
	meaning string
	hint    string
}

var verdictWords = map[reconcile.Verdict]spoken{
	reconcile.LiveTwice:     {"!", red, "two refunds of the API under one refund_id", "money may have gone out twice: refundctl explain REFUND_ID, then ask Cashfree"},
	reconcile.BankTwice:     {"!", red, "two lines of the bank file for one refund, or one for two", "money may have gone out twice: hold the rows against the bank's statement"},
	reconcile.AmountDiffers: {"!", red, "manifest, ledger and live do not hold one amount", "a refund that exists cannot be changed: find out who edited what, and put the manifest right"},
	reconcile.DetailsDiffer: {"!", red, "another parent, payment or other splits", "refundctl explain REFUND_ID"},
	reconcile.InDoubt:       {"?", magenta, "it may have been sent, and the API does not show it", "refundctl recover settles it by reading"},
	reconcile.BankDiffers:   {"!", red, "the bank file has another amount, or what should not be there", "hold the rows against the bank's statement; refundctl explain REFUND_ID"},
	reconcile.StatusDiffers: {"!", red, "the ledger knew its end, and the API says otherwise", "refundctl explain REFUND_ID, then ask Cashfree"},
	reconcile.MissingLive:   {"!", red, "in the ledger as sent, and not at the API", "is it the right account? refundctl explain REFUND_ID, then ask Cashfree; it is not sent again"},
	reconcile.Unmanaged:     {"*", magenta, "live, in no manifest and not in the ledger", "find out who made it; refundctl import live takes it over into a manifest"},
	reconcile.Unrecorded:    {"!", magenta, "live, and the ledger does not hold it as sent", "where a manifest asks for it, refundctl apply --refresh all records it and sends nothing for it"},
	reconcile.Unexplained:   {"*", magenta, "in the bank file, and of no refund that is known here", "another account's, or made elsewhere? --map names columns"},
	reconcile.Unread:        {"#", magenta, "its parent could not be read", "try again; where the API does not know the parent, look at its id and the account"},
	reconcile.Failed:        {"x", red, "failed or cancelled, and a manifest still asks for it", "ask for it again with refundctl reissue, or take the row out"},
	reconcile.Orphaned:      {"o", magenta, "sent, and no manifest asks for it any more", "what was sent stays sent: put the row back into a manifest"},
	reconcile.NotSent:       {"+", green, "wanted, and never sent", "refundctl plan says whether it can be sent"},
	reconcile.MissingBank:   {"!", magenta, "paid, as the API says, and not in the bank file", "does the file reach far enough? refunds take days to their bank"},
	reconcile.Pending:       {"…", cyan, "under way", ""},
	reconcile.Held:          {"h", "", "hold: true, and never sent", ""},
	reconcile.Automatic:     {"*", "", "made by the API itself", ""},
	reconcile.Void:          {"x", "", "no money moved, and nobody waits for it", ""},
	reconcile.Matched:       {"=", green, "paid, and all sources agree", ""},
}

// Reconcile tells a person the sums of each verdict in each source, then what differs, worst first.
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

// head says what came of it, and what it stands on.
func (p *reconcilePrinter) head() {
	differ := 0
	for v, t := range p.r.Totals {
		if v.Differs() {
			differ += t.Rows
		}
	}
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
	lines := []string{"The API was not asked: manifests and ledger alone."}
	if r.Asked {
		of := ""
		if len(r.Failed) > 0 {
			of = fmt.Sprintf("%d of ", r.Parents-len(r.Failed))
		}
		lines[0] = of + count(r.Parents, "parent") + " read with " + count(r.Reads, "request") + ". Nothing was sent, nothing recorded."
	}
	if r.Partial {
		lines = append(lines, "Subscriptions and Flowwise's payments have no list: refunds that others made there are not seen.")
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
		lines = append(lines, "Of other days, and left out: "+count(r.Outside, "refund")+".")
	}
	if r.Elsewhere > 0 {
		lines = append(lines, "Of other accounts or environments, and left out: "+count(r.Elsewhere, "row")+" of manifests and ledger.")
	}
	return lines
}

// verdict has the rows of one, with what it means and what to do.
func (p *reconcilePrinter) verdict(v reconcile.Verdict) {
	words := verdictWords[v]
	p.line("")
	p.wrapped(0, p.paint(bold, string(v))+": "+words.meaning)
	if words.hint != "" && v.Differs() {
		p.wrapped(2, "hint: "+words.hint)
	}
	for i := range p.r.Rows {
		if row := &p.r.Rows[i]; row.Verdict == v {
			p.refund(row, words)
		}
	}
}

func (p *reconcilePrinter) refund(row *reconcile.Row, words spoken) {
	head := "  " + p.paint(words.hue, words.sign) + " "
	if row.ID.Kind == "" {
		p.hung(head, 6, p.lineOf(row.Bank[0]))
	} else {
		id := row.ID.RefundID
		if id == "" {
			id = "(no refund_id)"
		}
		text := Escape(id) + "  " + Escape(string(row.ID.Kind)+" "+row.ID.ID)
		if p.accounts {
			text += " (account " + Escape(row.Account) + ")"
		}
		p.hung(head, 6, text)
		p.holdings(row)
	}
	for _, r := range row.Reasons {
		p.wrapped(6, Escape(r.Code+": "+r.Message))
	}
}

// holdings say what each source has of a refund.
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
		has("ledger", e.Amount, outcome(e.Phase, e.Status), idAs("refund_arn", e.ARN))
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

// lineOf is a line of the bank file: its place, its money and the ids that it has.
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
