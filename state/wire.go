package state

import (
	"maps"
	"slices"
	"time"

	"refundctl/internal/diag"
	"refundctl/internal/refund"
)

// format is the newest version of a line. A new type of event, and a change of fields or of their meaning,
// raises it. Format 2 added cancels and the payment mode in the facts. Format 3 added acceptances of times
// from the future, runs without manifests, what a run accepted about its ledger and why, what a read showed
// before a person's finding, the places of a run's accounts, the credentials of a binding, the x-request-ids
// and the details.
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
	case e.Type == typeAccept, e.Type == typeRun && e.Header.needsFormat3(), e.Type == typeBind && e.Binding.Credentials != "",
		e.Outcome.Proof.saysRead(), e.Intent.Proof.saysRead(), hasDetails(e.Outcome.Details),
		e.Intent.Request.ID+e.Outcome.RequestID+e.Cancel.Request.ID != "":
		return 3
	case e.Type == typeCancel, e.Type == typeIntent && e.Intent.Facts.Mode != "":
		return 2
	}
	return 1
}

// wire is the format of a line, except for the version at its start: the fields in their order.
func (e *event) wire(c codec) {
	c.interned("run", &e.Run)
	c.number("seq", &e.Seq)
	c.moment("at", &e.At)
	c.interned("type", &e.Type)
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
		c.fail("unknown event type \"" + e.Type + "\"")
	}
	c.digest("prev", &e.Prev)
}

func (b *Binding) wire(c codec) {
	c.interned("account", &b.Account)
	c.interned("api", &b.API)
	c.interned("environment", &b.Environment)
	c.interned("fingerprint", &b.Fingerprint)
	c.interned("credentials", &b.Credentials)
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
	c.text("request_id", &in.Request.ID)
	if c.open("facts", in.Facts.Known) {
		in.Facts.Known = true
		c.amount("captured", &in.Facts.Captured)
		c.moment("completed_at", &in.Facts.CompletedAt)
		c.interned("mode", &in.Facts.Mode)
		c.close()
	}
	if c.open("source", in.Source != diag.Place{}) {
		c.interned("file", &in.Source.File)
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
	c.interned("phase", (*string)(&o.Phase))
	c.amount("amount", &o.Amount)
	splits(c, &o.Splits)
	c.interned("status", (*string)(&o.Status))
	c.text("cf_refund_id", &o.CfRefundID)
	c.text("refund_arn", &o.ARN)
	c.interned("how", &o.How)
	c.interned("class", &o.Class)
	c.number("http", &o.HTTP)
	c.flag("replayed", &o.Replayed)
	c.text("request_id", &o.RequestID)
	c.interned("code", &o.Code)
	c.interned("message", &o.Message)
	c.moment("created_at", &o.CreatedAt)
	c.moment("processed_at", &o.ProcessedAt)
	details(c, &o.Details)
	proof(c, &o.Proof)
}

func (e *End) wire(c codec) {
	c.number("sent", &e.Sent)
	c.number("refused", &e.Refused)
	c.number("in_doubt", &e.InDoubt)
	c.number("not_sent", &e.NotSent)
}

func identity(c codec, account *string, id *refund.Identity, payment *string) {
	c.interned("account", account)
	c.interned("fingerprint", &id.Account)
	c.interned("kind", (*string)(&id.Kind))
	c.text("parent_id", &id.ID)
	c.text("payment_id", payment)
	c.text("refund_id", &id.RefundID)
}

func request(c codec, r *refund.Request) {
	if c.open("request", true) {
		c.interned("method", &r.Method)
		c.text("path", &r.Path)
		c.bytes("body", &r.Body)
		c.close()
	}
}

// list is a list of objects; fields is called for each.
func list[T any](c codec, name string, v *[]T, fields func(*T)) {
	if !c.list(name, len(*v) > 0) {
		return
	}
	for i := 0; c.item(i < len(*v)); i++ {
		if i == len(*v) {
			var next T
			*v = append(*v, next)
		}
		fields(&(*v)[i])
		c.close()
	}
}

func splits(c codec, v *[]refund.Split) {
	list(c, "splits", v, func(s *refund.Split) {
		c.interned("vendor_id", &s.VendorID)
		c.amount("amount", &s.Amount)
	})
}

func labels(c codec, v *map[string]string) {
	if !c.list("labels", len(*v) > 0) {
		return
	}
	var names []string // to be written; none when decoding
	if len(*v) > 0 {
		names = slices.Sorted(maps.Keys(*v))
	}
	var name, value, before string
	for i := 0; c.item(i < len(names)); i++ {
		writing := i < len(names)
		if name, value = "", ""; writing {
			name, value = names[i], (*v)[names[i]]
		}
		c.interned("name", &name)
		c.text("value", &value)
		c.close()
		if writing {
			continue
		}
		if *v == nil {
			*v = map[string]string{}
		}
		if i > 0 && name <= before {
			c.fail("the labels are not sorted")
		}
		before, (*v)[name] = name, value
	}
}

// details has the details that are not empty, under their names.
func details(c codec, v **refund.Details) {
	if !c.open("details", hasDetails(*v)) {
		return
	}
	d := c.beginDetails(*v)
	for _, f := range d.List() {
		c.text(f.Name, f.Value)
	}
	c.close()
	if !hasDetails(d) {
		c.fail("the details are empty")
	}
	c.endDetails(v)
}

func hasDetails(d *refund.Details) bool { return d != nil && *d != refund.Details{} }

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
	c.interned("settled_by", &p.SettledBy)
	c.text("reason", &p.Reason)
	c.interned("read", &p.Read)
	c.flag("against_api", &p.AgainstAPI)
	c.close()
}

// saysRead reports whether the proof says what a read showed before a person's finding.
func (p *Proof) saysRead() bool { return p != nil && (p.Read != "" || p.AgainstAPI) }

// problem says what makes an event invalid; empty if nothing does.
func (e *event) problem() string {
	switch {
	case e.Run == "" || e.Seq < 1:
		return "the run's id or the event's number is missing"
	case e.At.Unix() < 1 || e.At.Year() > 2261:
		return "the event's time is missing or out of range"
	case (e.Type == typeRun) != (e.Seq == 1) || (e.Prev == digest{}) != (e.Seq == 1):
		return "the first event of a run, and no other, is its header"
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
	case !completeIdentity(in.ID):
		return "the refund's identity is not complete"
	case in.Attempt < 1 || in.Try < 1:
		return "the attempt or the try is missing"
	case !ok:
		return "the key is not a UUID"
	case in.Amount.Minor <= 0:
		return "the amount is missing"
	case !completeRequest(in.Request):
		return "the request is not complete"
	}
	return ""
}

func completeRequest(r refund.Request) bool { return r.Method != "" && r.Path != "" && len(r.Body) > 0 }

func (o *Outcome) problem() string {
	switch {
	case !completeIdentity(o.ID):
		return "the refund's identity is not complete"
	case !slices.Contains([]Phase{Intended, Accepted, Settled, Failed, Refused, NotSent}, o.Phase):
		return "unknown phase \"" + string(o.Phase) + "\""
	}
	return ""
}

func completeIdentity(id refund.Identity) bool {
	known := id.Kind == refund.Order || id.Kind == refund.Subscription || id.Kind == refund.Payment
	return known && id.Account != "" && FingerprintOf(id.Account) == id.Account && id.ID != "" && id.RefundID != ""
}

func (h *Header) wire(c codec) {
	c.interned("lineage", &h.Lineage)
	c.texts("heads", &h.Heads)
	c.interned("actor", &h.Actor)
	c.interned("command", &h.Command)
	c.interned("program", &h.Program)
	c.interned("commit", &h.Commit)
	c.interned("plan_digest", &h.PlanDigest)
	c.texts("approvers", &h.Approvers)
	c.interned("ci_run", &h.CIRun)
	c.flag("without_manifests", &h.WithoutManifests)
	c.interned("accepts", (*string)(&h.Accepts))
	c.text("reason", &h.Reason)
	places(c, &h.Places)
}

func (h *Header) problem() string {
	switch {
	case !slices.Contains([]LedgerMismatch{"", NoLedger, OtherLineage, OlderLedger}, h.Accepts):
		return "unknown value \"" + string(h.Accepts) + "\" of accepts"
	case h.Accepts == "" && h.Reason != "":
		return "there is a reason, but nothing was accepted"
	}
	return ""
}

// needsFormat3 reports whether the header has a field that format 3 added.
func (h *Header) needsFormat3() bool {
	return h.WithoutManifests || h.Accepts != "" || len(h.Places) > 0
}

func places(c codec, v *[]Place) {
	list(c, "places", v, func(p *Place) {
		c.interned("fingerprint", &p.Fingerprint)
		c.interned("base_url", &p.BaseURL)
	})
}
