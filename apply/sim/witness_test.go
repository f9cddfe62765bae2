package sim

import (
	"context"
	"time"

	"refundctl/apply"
	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// witness is what a process did, as far as the rules depend on it.
type witness struct {
	posts    map[string]int       // by key
	begun    map[string]bool      // by key: the last Begin came after a stop rule applied
	unknown  map[string]time.Time // by refund_id: the end of the last try that may have run
	busy     map[string]bool      // orders with a POST in flight
	doubts   map[string]bool      // refund_ids that were in doubt when the process began
	readings []reading
}

// reading is what the process read of an order: all of its refunds, or one of them alone.
type reading struct {
	order string
	alone string
	began time.Time
	wall  time.Time // what the process's own clock said then
	ids   map[string]bool
	good  bool
}

// about reports whether the reading is evidence about the refund.
func (r reading) about(x postedRefund) bool {
	return r.good && r.order == x.order && (r.alone == "" || r.alone == x.id)
}

func (p *process) keepRead(orderID, alone string, began time.Time, list []refund.Live, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := reading{orderID, alone, began, p.clock().Round(0).Add(-time.Since(began)), map[string]bool{}, err == nil}
	for _, l := range list {
		r.ids[l.RefundID] = true
	}
	p.readings = append(p.readings, r)
}

// checkPost judges a POST at the moment when its first byte leaves.
func (p *process) checkPost(x postedRefund, r refund.Request, key string) {
	events := p.disk.durable()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.posts[key]++
	intent, tries, earlier := line{}, 0, false
	for _, e := range events {
		if e.Type != "intent" || e.Key != key {
			continue
		}
		if e.Run == p.run() {
			intent, tries = e, tries+1
		} else {
			earlier = true
		}
	}
	id := p.w.identity(x.order, x.id)
	switch {
	case tries < p.posts[key]:
		p.violate("R1", "POST %d of %s has %d durable intents", p.posts[key], x.id, tries)
		return
	case r.ID == "" || intent.RequestID != r.ID:
		p.violate("R1", "%s is sent as request %q, but its intent says %q", x.id, r.ID, intent.RequestID)
	case intent.Request.Body != string(r.Body) || intent.Request.Path != r.Path || intent.RefundID != x.id || intent.ParentID != x.order:
		p.violate("R5", "what is sent for %s is not what its intent has", x.id)
	case refund.Key(id, intent.Attempt) != key:
		p.violate("R4", "attempt %d of %s is sent with the wrong key", intent.Attempt, x.id)
	}
	p.checkOneBody(key, string(r.Body), x.id)
	if p.busy[x.order] {
		p.violate("R10", "two refunds of %s are in flight", x.order)
	}
	p.busy[x.order] = true
	if p.begun[key] {
		p.violate("R12", "%s is sent after the run had to stop", x.id)
	}
	p.checkMaySend(x, r)
	p.checkPlanFile(id, r, events)
	_, doubted := p.unknown[x.id]
	if intent.Attempt > 1 || earlier || doubted {
		p.checkProof(x, intent)
	}
	p.checkParent(id)
}

// freshness is how old a read may be when its refund is sent.
const freshness = 10 * time.Minute

// checkMaySend checks that the refund is desired now with these bytes, and absent from a read of this run (R2) that
// is not too old (R19).
func (p *process) checkMaySend(x postedRefund, r refund.Request) {
	asked, _ := rowOf(p.manifest, x.id)
	request, err := p.w.specs([]manifestRow{asked})[0].Request()
	if asked.hold || err != nil || string(request.Body) != string(r.Body) || request.Path != r.Path {
		p.violate("R2", "%s is sent, but the manifest does not ask for it like that", x.id)
	}
	for i := len(p.readings) - 1; i >= 0; i-- {
		if got := p.readings[i]; got.about(x) {
			if got.ids[x.id] {
				p.violate("R2", "%s is sent, although this run saw it at the API", x.id)
			}
			if age := max(time.Since(got.began), p.clock().Round(0).Sub(got.wall)); age > freshness {
				p.violate("R19", "%s is sent on a read that is %s old", x.id, age)
			}
			return
		}
	}
	p.violate("R2", "%s is sent without a good read of %s", x.id, x.order)
}

// checkProof checks for two good reads without the refund, far enough from each other and from the last try.
func (p *process) checkProof(x postedRefund, intent line) {
	if intent.Proof == nil {
		p.violate("R7", "%s is sent again without a proof in its intent", x.id)
	}
	last := p.unknown[x.id]
	for i, a := range p.readings {
		for _, b := range p.readings[i+1:] {
			good := a.about(x) && b.about(x) && !a.ids[x.id] && !b.ids[x.id]
			if good && b.began.Sub(a.began) >= readDelay && (last.IsZero() || b.began.Sub(last) >= readDelay) {
				return
			}
		}
	}
	p.violate("R7", "%s is sent again without being absent now", x.id)
}

// checkParent checks that nothing else of the order is in doubt (R11), unless the API has it. Merged ledgers may have
// several doubts of one order; those that are sent again, each with its proof, are not new.
func (p *process) checkParent(id refund.Identity) {
	for _, e := range p.session.State().OfParent(id.Parent) {
		again := p.doubts[id.RefundID] && p.doubts[e.ID.RefundID]
		if e.Phase == state.Intended && e.ID != id && !again && p.api.booked(e.ID.ID, e.ID.RefundID) == nil {
			p.violate("R11", "%s is sent while %s of the same order is in doubt", id.RefundID, e.ID.RefundID)
		}
	}
}

func (p *process) answered(x postedRefund, key string, a refund.Answer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.busy, x.order)
	if a.HTTP != 429 && !a.NotSent && a.Message != "One refund request is already being processed" {
		p.unknown[x.id] = time.Now()
	}
	if a.HTTP == 429 {
		p.throttled = time.Now().Add(a.Wait)
	}
	foreign := a.HTTP == 200 && a.Live != nil && (a.Live.RefundID != x.id || a.Live.Amount.Minor != x.amount)
	if a.HTTP == 401 || a.HTTP == 302 || a.HTTP == 307 || foreign {
		p.stop()
	}
}

// witnessLedger is an apply.Ledger with a witness.
type witnessLedger struct {
	*state.Session
	p *process
}

func (b witnessLedger) Begin(ctx context.Context, in state.Intent) error {
	p := b.p
	p.mu.Lock()
	p.begun[in.Key] = !p.stopped.IsZero() && time.Now().After(p.stopped)
	p.mu.Unlock()
	return b.Session.Begin(ctx, in)
}

// Finish judges an outcome before it is recorded.
func (b witnessLedger) Finish(ctx context.Context, o state.Outcome) error {
	if !b.p.isDead() {
		b.p.logf("%s  records %s %s of attempt %d (%s %s)", b.p.name, o.ID.RefundID, o.Phase, o.Attempt, o.How, o.Class)
		b.p.checkOutcome(o)
	}
	return b.Session.Finish(ctx, o)
}

func (p *process) checkOutcome(o state.Outcome) {
	b := p.api.booked(o.ID.ID, o.ID.RefundID)
	switch {
	case o.Phase.Sent() && (b == nil || b.amount != o.Amount.Minor || o.CfRefundID != "" && b.cf != o.CfRefundID):
		p.violate("R9", "%s is recorded as %s, but the API has %+v", o.ID.RefundID, o.Phase, b)
	case o.Phase != state.Refused && o.Phase != state.NotSent:
	case b != nil && b.run != "" && p.disk.knows(b.run):
		p.violate("R8", "%s is recorded as %s, but the API executed it", o.ID.RefundID, o.Phase)
	case p.api.underWay(refund.Key(o.ID, o.Attempt)) && !p.lost && !p.copied:
		p.violate("R8", "%s is recorded as %s, but its request may still arrive", o.ID.RefundID, o.Phase)
	}
}

// knows reports whether the ledger has events of the run.
func (d *disk) knows(run string) bool {
	for _, e := range d.durable() {
		if e.Run == run {
			return true
		}
	}
	return false
}

func (a *api) booked(orderID, id string) *booking {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.find(orderID, id)
}

func (a *api) underWay(key string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.coming[key] > 0
}

// Observe keeps the events of the run, and notices when a stop rule applies.
func (p *process) Observe(e apply.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dead {
		return
	}
	if e.Kind != apply.Sending && e.Kind != apply.Recorded {
		p.logf("%s  says %s %s %s %s", p.name, e.Kind, e.ID.RefundID, e.Code, e.Message)
	}
	if !p.sending {
		return
	}
	p.events = append(p.events, e)
	switch {
	case e.Kind == apply.InDoubt, e.Kind == apply.NotSent && e.Class == apply.NotAttempted:
		p.streak++
	case e.Class != "":
		p.streak = 0
	}
	if p.streak >= 5 || e.Kind == apply.Refused && p.stopOnNo {
		p.stop()
	}
}

// checkResult checks that each create of the plan has one end, and that the result sums up these ends.
func (p *process) checkResult(made *plan.Plan, r apply.Result, err error) {
	if p.isDead() {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	sums := map[apply.EventKind]*plan.Tally{apply.Sent: {}, apply.AlreadyPresent: {}, apply.Refused: {}, apply.InDoubt: {}, apply.NotSent: {}}
	ends := map[refund.Identity]int{}
	for _, e := range p.events {
		sum := sums[e.Kind]
		if sum == nil {
			continue
		}
		ends[e.ID]++
		sum.Add(e.Amount)
		p.checkEnd(e)
		if entry, known := p.session.State().Entry(e.ID); err == nil && e.Kind != apply.InDoubt && known && entry.Phase == state.Intended {
			p.violate("tallies", "%s is reported as %s, but the ledger has it in doubt", e.ID.RefundID, e.Kind)
		}
	}
	if err != nil && len(ends) == 0 {
		return // the ledger failed before the first refund
	}
	unsent, asked := 0, plan.Tally{}
	for _, c := range made.Changes {
		want := 0
		if c.Action == plan.Create || c.LeftOut() || c.Outside() && !c.Doubtful() {
			want = 1
		}
		if ends[c.ID] != want {
			p.violate("tallies", "%s, planned as %s, has %d ends in one run", c.ID.RefundID, c.Action, ends[c.ID])
		}
		unsent += want
		if c.Spec != nil || c.Action == plan.Conflict { // a conflict needs a person, also if no manifest asks for it
			asked.Add(c.Amount)
		}
	}
	if len(ends) != unsent {
		p.violate("tallies", "%d refunds were planned, %d ended", unsent, len(ends))
	}
	if sum := sumOf(r); sum.Count != asked.Count || total(sum) != total(asked) {
		p.violate("tallies", "%d refunds of %d are asked for, the result accounts for %d of %d", asked.Count, total(asked), sum.Count, total(sum))
	}
	for kind, result := range map[apply.EventKind]plan.Tally{apply.Sent: r.Sent, apply.Refused: r.Refused} {
		if result.Count != sums[kind].Count || total(result) != total(*sums[kind]) {
			p.violate("tallies", "%s: the result says %d refunds of %d, the events %d of %d", kind, result.Count, total(result), sums[kind].Count, total(*sums[kind]))
		}
	}
}

// sumOf adds up the tallies that account for the refunds that are asked for.
func sumOf(r apply.Result) plan.Tally {
	var all plan.Tally
	for _, t := range []plan.Tally{r.Sent, r.AlreadyPresent, r.Refused, r.InDoubt, r.NotSent, r.Blocked, r.Held, r.Failed, r.Pending, r.Superseded} {
		all.Join(t)
	}
	return all
}

func total(t plan.Tally) (minor int64) {
	for _, a := range t.Amounts {
		if a.Currency == money.INR {
			minor += a.Minor
		}
	}
	return minor
}

// checkEnd compares the end of one refund with the API's books.
func (p *process) checkEnd(e apply.Event) {
	b := p.api.booked(e.ID.ID, e.ID.RefundID)
	there := b != nil && b.amount == e.Amount.Minor
	switch {
	case (e.Kind == apply.Sent || e.Kind == apply.AlreadyPresent) && !there:
		p.violate("tallies", "%s is reported as %s, but the API does not have it", e.ID.RefundID, e.Kind)
	case (e.Kind == apply.Refused || e.Kind == apply.NotSent) && b != nil && b.run == p.run():
		p.violate("tallies", "%s is reported as %s, but this run's POST moved the money", e.ID.RefundID, e.Kind)
	case e.Kind == apply.InDoubt && (e.Since.IsZero() || e.ResolvesAt.IsZero() || e.Message+e.Code+string(e.Class) == ""):
		p.violate("tallies", "%s is in doubt without a reason or a time: %+v", e.ID.RefundID, e)
	case (e.Kind == apply.Refused || e.Kind == apply.NotSent) && e.Message+e.Code+string(e.Class) == "":
		p.violate("tallies", "%s is %s without a reason", e.ID.RefundID, e.Kind)
	}
}

// checkRecovered checks that recovery says until when a refund stays in doubt.
func (p *process) checkRecovered(found apply.Recovered) {
	for _, e := range found.Open {
		if e.ResolvesAt.IsZero() || e.Since.IsZero() {
			p.violate("R8", "%s stays in doubt, without a time", e.ID.RefundID)
		}
	}
}
