package state

import (
	"maps"
	"slices"
	"time"

	"refundctl/internal/diag"
	"refundctl/internal/refund"
)

// format is the newest version of a line. A new type of event, a change of meaning or of fields
// raises it; format 2 brought cancels and the payment mode among the facts; format 3 acceptances of times
// from the future, runs without manifests, what a run accepted of its ledger and why, what a read showed
// before a person's finding, the places of a run's accounts, and a binding's credentials.
const format = 3

// The types of events.
const (
	typeRun     = "run"
	typeBind    = "bind"
	typeIntent  = "intent"
	typeOutcome = "outcome"
	typeCancel  = "cancel"
	typeAccept  = "accept_time"
	typeEnd     = "end"
)

// event is one line of the ledger.
type event struct {
	Run  string // the run's id
	Seq  int    // the event's number within its run, from 1
	At   time.Time
	Type string
	Prev digest // the hash of the run's previous line; zero for the first

	Header  Header
	Binding Binding
	Intent  Intent
	Outcome Outcome
	Cancel  Cancel
	Accept  Acceptance
	End     End
}

// format is the first format that has the event.
func (e *event) format() int {
	switch {
	case e.Type == typeAccept, e.Type == typeRun && e.Header.newer(), e.Type == typeBind && e.Binding.Credentials != "",
		e.Outcome.Proof.read(), e.Intent.Proof.read():
		return 3
	case e.Type == typeCancel, e.Type == typeIntent && e.Intent.Facts.Mode != "":
		return 2
	}
	return 1
}

// wire is the whole format but for the version that a line opens with: the fields in their order.
func (e *event) wire(c codec) {
	c.word("run", &e.Run)
	c.number("seq", &e.Seq)
	c.moment("at", &e.At)
	c.word("type", &e.Type)
	switch e.Type {
	case typeRun:
		e.Header.wire(c)
	case typeBind:
		e.Binding.wire(c)
	case typeIntent:
		e.Intent.wire(c)
	case typeOutcome:
		e.Outcome.wire(c)
	case typeCancel:
		e.Cancel.wire(c)
	case typeAccept:
		e.Accept.wire(c)
	case typeEnd:
		e.End.wire(c)
	default:
		c.fail("events of type \"" + e.Type + "\" are not known")
	}
	c.digest("prev", &e.Prev)
}

func (b *Binding) wire(c codec) {
	c.word("account", &b.Account)
	c.word("api", &b.API)
	c.word("environment", &b.Environment)
	c.word("fingerprint", &b.Fingerprint)
	c.word("credentials", &b.Credentials)
	c.text("reason", &b.Reason)
}

func (in *Intent) wire(c codec) {
	identity(c, &in.AccountName, &in.ID, &in.PaymentID)
	c.amount("amount", &in.Amount)
	splits(c, &in.Splits)
	c.text("idempotency_key", &in.Key)
	c.number("attempt", &in.Attempt)
	c.number("try", &in.Try)
	request(c, &in.Request)
	if c.open("facts", in.Facts.Known) {
		in.Facts.Known = true
		c.amount("captured", &in.Facts.Captured)
		c.moment("completed_at", &in.Facts.CompletedAt)
		c.word("mode", &in.Facts.Mode)
		c.close()
	}
	if c.open("source", in.Source != diag.Place{}) {
		c.word("file", &in.Source.File)
		c.number("line", &in.Source.Line)
		c.number("column", &in.Source.Column)
		c.close()
		if in.Source == (diag.Place{}) {
			c.fail("the source is empty")
		}
	}
	labels(c, &in.Labels)
	proof(c, &in.Proof)
}

func (o *Outcome) wire(c codec) {
	identity(c, &o.AccountName, &o.ID, &o.PaymentID)
	c.number("attempt", &o.Attempt)
	c.word("phase", (*string)(&o.Phase))
	c.amount("amount", &o.Amount)
	splits(c, &o.Splits)
	c.word("status", (*string)(&o.Status))
	c.text("cf_refund_id", &o.CfRefundID)
	c.text("refund_arn", &o.ARN)
	c.word("how", &o.How)
	c.word("class", &o.Class)
	c.number("http", &o.HTTP)
	c.flag("replayed", &o.Replayed)
	c.word("code", &o.Code)
	c.word("message", &o.Message)
	c.moment("created_at", &o.CreatedAt)
	c.moment("processed_at", &o.ProcessedAt)
	proof(c, &o.Proof)
}

func (e *End) wire(c codec) {
	c.number("sent", &e.Sent)
	c.number("refused", &e.Refused)
	c.number("in_doubt", &e.InDoubt)
	c.number("not_sent", &e.NotSent)
}

func identity(c codec, account *string, id *refund.Identity, payment *string) {
	c.word("account", account)
	c.word("fingerprint", &id.Account)
	c.word("kind", (*string)(&id.Kind))
	c.text("parent_id", &id.ID)
	c.text("payment_id", payment)
	c.text("refund_id", &id.RefundID)
}

func request(c codec, r *refund.Request) {
	if c.open("request", true) {
		c.word("method", &r.Method)
		c.text("path", &r.Path)
		c.bytes("body", &r.Body)
		c.close()
	}
}

func splits(c codec, v *[]refund.Split) {
	if !c.list("splits", len(*v) > 0) {
		return
	}
	for i := 0; c.item(i < len(*v)); i++ {
		if i == len(*v) {
			*v = append(*v, refund.Split{})
		}
		c.word("vendor_id", &(*v)[i].VendorID)
		c.amount("amount", &(*v)[i].Amount)
		c.close()
	}
}

func labels(c codec, v *map[string]string) {
	if !c.list("labels", len(*v) > 0) {
		return
	}
	var names []string // to be written; none where they are read
	if len(*v) > 0 {
		names = slices.Sorted(maps.Keys(*v))
	}
	var name, value, before string
	for i := 0; c.item(i < len(names)); i++ {
		writing := i < len(names)
		if name, value = "", ""; writing {
			name, value = names[i], (*v)[names[i]]
		}
		c.word("name", &name)
		c.text("value", &value)
		c.close()
		if writing {
			continue
		}
		if *v == nil {
			*v = map[string]string{}
		}
		if i > 0 && name <= before {
			c.fail("the labels are not in their order")
		}
		before, (*v)[name] = name, value
	}
}

func proof(c codec, v **Proof) {
	if !c.open("proof", *v != nil) {
		return
	}
	if *v == nil {
		*v = &Proof{}
	}
	p := *v
	c.moment("first_read", &p.FirstRead)
	c.moment("second_read", &p.SecondRead)
	c.word("settled_by", &p.SettledBy)
	c.text("reason", &p.Reason)
	c.word("read", &p.Read)
	c.flag("against_api", &p.AgainstAPI)
	c.close()
}

// read reports whether the proof says what a read showed.
func (p *Proof) read() bool { return p != nil && (p.Read != "" || p.AgainstAPI) }

// problem names what an event lacks to be one, or is empty.
func (e *event) problem() string {
	switch {
	case e.Run == "" || e.Seq < 1:
		return "the run's id or the event's number is missing"
	case e.At.Unix() < 1 || e.At.Year() > 2261:
		return "the event's time is missing or far off"
	case (e.Type == typeRun) != (e.Seq == 1) || (e.Prev == digest{}) != (e.Seq == 1):
		return "a run begins with its header, and only there"
	case e.Type == typeRun:
		return e.Header.problem()
	case e.Type == typeIntent:
		return e.Intent.problem()
	case e.Type == typeOutcome:
		return e.Outcome.problem()
	case e.Type == typeCancel:
		return e.Cancel.problem()
	case e.Type == typeAccept:
		return e.Accept.problem()
	}
	return ""
}

func (in *Intent) problem() string {
	_, ok := parseUUID(in.Key)
	switch {
	case !complete(in.ID):
		return "the refund's identity is not complete"
	case in.Attempt < 1 || in.Try < 1:
		return "the attempt or the try is missing"
	case !ok:
		return "the key is not a UUID"
	case in.Amount.Minor <= 0:
		return "the amount is missing"
	case !whole(in.Request):
		return "the request is not complete"
	}
	return ""
}

func whole(r refund.Request) bool { return r.Method != "" && r.Path != "" && len(r.Body) > 0 }

func (o *Outcome) problem() string {
	switch {
	case !complete(o.ID):
		return "the refund's identity is not complete"
	case !slices.Contains([]Phase{Intended, Accepted, Settled, Failed, Refused, NotSent}, o.Phase):
		return "the phase \"" + string(o.Phase) + "\" is not known"
	}
	return ""
}

func complete(id refund.Identity) bool {
	known := id.Kind == refund.Order || id.Kind == refund.Subscription || id.Kind == refund.Payment
	return known && id.Account != "" && FingerprintOf(id.Account) == id.Account && id.ID != "" && id.RefundID != ""
}
