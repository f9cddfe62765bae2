package sim

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
)

// postTroubles are the troubles of a POST. Those with "after" come after the money has moved.
var postTroubles = []string{"lost before", "lost before", "lost after", "lost after", "late", "late", "no way", "throttled", "500", "500 after",
	"stored 500", "stored 500", "stored 500 after", "page", "truncated", "foreign id", "foreign amount", "redirect", "redirect after",
	"stored 400", "busy", "409", "409 after", "401"}

// readTroubles are the troubles of a read.
var readTroubles = []string{"throttled", "unreachable", "unreadable", "not found", "credentials", "slow"}

// booking is a refund that the API has.
type booking struct {
	order, id string
	amount    int64
	cf        string
	at        time.Time
	ends      time.Time // when the last status comes
	last      refund.Status
	run       string // the run whose POST made it; empty for a refund of others
}

func (b *booking) status(at time.Time) refund.Status {
	if at.Before(b.ends) {
		return refund.Pending
	}
	return b.last
}

// stored is the first answer to a key.
type stored struct {
	body   string
	answer refund.Answer
	at     time.Time
}

// api is the model of the API: one merchant's orders, refunds and keys.
type api struct {
	*trial
	mu     sync.Mutex
	books  []*booking
	keys   map[string]stored
	posts  map[string]int // by refund_id
	reads  map[string]int // by order
	coming map[string]int // requests that are still to arrive, by key
	seq    int
	calm   bool // no more troubles
}

func (a *api) trouble(target string, nth int) trouble {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.calm {
		return trouble{}
	}
	for _, t := range a.w.troubles {
		if t.target == target && t.nth == nth {
			return t
		}
	}
	return trouble{}
}

func (a *api) order(id string) (order, bool) {
	for _, o := range a.w.orders {
		if o.id == id && !o.unknown {
			return o, true
		}
	}
	return order{}, false
}

func (a *api) paid(o order) bool { return !time.Now().Before(a.start.Add(o.paid)) }

// refundedOf is what the order's refunds take from it, without dead ones.
func (a *api) refundedOf(orderID string) (sum int64) {
	for _, b := range a.books {
		if b.order == orderID && !b.status(time.Now()).Dead() {
			sum += b.amount
		}
	}
	return sum
}

func (a *api) find(orderID, id string) *booking {
	for _, b := range a.books {
		if b.order == orderID && b.id == id {
			return b
		}
	}
	return nil
}

// postedRefund is a POST as the model reads it.
type postedRefund struct {
	order, id string
	amount    int64
}

func understand(r refund.Request) (postedRefund, error) {
	var body struct {
		RefundID     string      `json:"refund_id"`
		RefundAmount json.Number `json:"refund_amount"`
	}
	if err := json.Unmarshal(r.Body, &body); err != nil {
		return postedRefund{}, err
	}
	parts := strings.Split(r.Path, "/")
	list := len(parts) == 4 && (parts[1] == "orders" || parts[1] == "subscriptions") && parts[3] == "refunds"
	if r.Method != "POST" || !list && !(len(parts) == 3 && parts[1] == "payments") {
		return postedRefund{}, fmt.Errorf("%s %s is not a refund", r.Method, r.Path)
	}
	paise, ok := new(big.Rat).SetString(body.RefundAmount.String())
	if !ok || !paise.Mul(paise, big.NewRat(100, 1)).IsInt() || body.RefundID == "" {
		return postedRefund{}, fmt.Errorf("%s is not a refund", r.Body)
	}
	return postedRefund{parts[2], body.RefundID, paise.Num().Int64()}, nil
}

func no(status int, code, message string) refund.Answer {
	return refund.Answer{HTTP: status, Code: code, Type: "invalid_request_error", Message: message}
}

// handle handles a POST that arrives. instead, if not nil, is the answer that the API gives and stores without
// doing anything.
func (a *api) handle(x postedRefund, key, body, run string, instead *refund.Answer) refund.Answer {
	a.mu.Lock()
	defer a.mu.Unlock()
	if s, known := a.keys[key]; known && time.Since(s.at) < a.w.keyLife && a.w.kind(x.order) != refund.Payment {
		if s.body != body {
			return refund.Answer{HTTP: 422, Code: "request_invalid", Type: "idempotency_error"}
		}
		s.answer.Replayed = true
		return s.answer
	}
	answer := refund.Answer{}
	if instead != nil {
		answer = *instead
	} else {
		answer = a.decide(x, run)
	}
	a.keys[key] = stored{body, answer, time.Now()}
	return answer
}

// decide checks and books. The caller holds mu.
func (a *api) decide(x postedRefund, run string) refund.Answer {
	o, known := a.order(x.order)
	switch {
	case !known:
		return no(404, "order_not_found", "Order Reference Id does not exist")
	case !a.paid(o):
		return no(400, "order_id_not_paid", "transaction not found")
	}
	if !a.w.bare {
		for _, b := range a.books {
			if b.id == x.id {
				return no(400, "refund_id_invalid", "Duplicate Merchant Refund Id")
			}
		}
	}
	// What can be refunded of a subscription or a payment cannot be read: only the API knows.
	if (!a.w.bare || o.kind != refund.Order) && a.refundedOf(x.order)+x.amount > o.captured {
		return no(400, "refund_post_failed", "Total amount of Refunds cannot be greater than the transaction amount.")
	}
	b := a.book(x, run)
	live := b.live(o.kind, time.Now())
	return refund.Answer{HTTP: http.StatusOK, Live: &live}
}

// book moves the money, and checks that it may move.
func (a *api) book(x postedRefund, run string) *booking {
	if old := a.find(x.order, x.id); old != nil {
		a.violate("paid twice", "refund %s of %s was executed a second time", x.id, x.order)
	}
	a.seq++
	b := &booking{order: x.order, id: x.id, amount: x.amount, cf: fmt.Sprintf("cf_%d", a.seq), at: time.Now(), run: run}
	b.ends = b.at.Add(time.Duration(a.w.roll(int64(20*time.Minute), "settles "+x.id, a.seq)))
	b.last = []refund.Status{refund.Success, refund.Success, refund.Success, refund.Success, refund.Cancelled, refund.Failed,
		refund.OnHold, refund.Pending, "PENDING_APPROVAL"}[a.w.roll(9, "ends "+x.id, a.seq)]
	a.books = append(a.books, b)
	if o, _ := a.order(x.order); a.refundedOf(x.order) > o.captured {
		a.violate("over-refund", "%s: %d refunded of %d captured", x.order, a.refundedOf(x.order), o.captured)
	}
	a.checkRules(b)
	a.logf("API   books %s of %s, %d", x.id, x.order, x.amount)
	return b
}

// checkRules checks the rules about money that has moved. The caller holds mu.
func (a *api) checkRules(b *booking) {
	sum := int64(0)
	for _, other := range a.books {
		if other.run != "" && b.run != "" && indianDay(other.at) == indianDay(b.at) {
			sum += other.amount
		}
	}
	// With a ledger that was lost, or that others do not see, no run can count.
	if a.w.perDay > 0 && sum > a.w.perDay && !a.lost && !a.copied && !a.jumpy {
		a.violate("R16", "%d are refunded in one day, and %d are allowed", sum, a.w.perDay)
	}
	x, _ := rowOf(a.manifest, b.id)
	if old := a.find(b.order, x.replaces); b.run != "" && x.replaces != "" && (old == nil || !old.status(time.Now()).Dead()) {
		a.violate("R6", "%s replaces %s, which is not dead", b.id, x.replaces)
	}
}

func indianDay(t time.Time) string { return t.In(refund.IST).Format(time.DateOnly) }

func (b *booking) live(kind refund.Kind, at time.Time) refund.Live {
	l := refund.Live{RefundID: b.id, CfRefundID: b.cf, Status: b.status(at), CreatedAt: b.at.Truncate(time.Second),
		Amount: money.Amount{Minor: b.amount, Currency: money.INR}, Type: "MERCHANT_INITIATED"}
	switch kind {
	case refund.Order:
		l.ParentID = b.order
	case refund.Payment:
		l.PaymentID = b.order
	}
	if l.Status == refund.Success {
		l.ARN = "arn_" + b.cf
	}
	return l
}

// refundByOthers makes a refund of others, if the API would accept it.
func (a *api) refundByOthers(o other) {
	a.mu.Lock()
	defer a.mu.Unlock()
	order, known := a.order(o.order)
	if !known || !a.paid(order) || a.refundedOf(o.order)+o.amount > order.captured {
		return
	}
	for _, n := range a.coming {
		if a.w.bare && n > 0 {
			return // only the API could know that there is not enough for both
		}
	}
	for _, b := range a.books {
		if b.id == o.id {
			return
		}
	}
	a.logf("OTHER makes %s of %s, %d", o.id, o.order, o.amount)
	a.book(postedRefund{o.order, o.id, o.amount}, "")
}

// client is the API as one process uses it: plan.Reader and apply.Issuer.
type client struct {
	*api
	p *process
}

// Turn takes a little time, so that two refunds are never at the same step at the same time.
func (d client) Turn(ctx context.Context) error {
	d.p.mu.Lock()
	d.p.turns++
	wait := time.Duration(1 + d.w.roll(int64(20*time.Millisecond), "turn "+d.p.name, d.p.turns))
	wait = max(wait, time.Until(d.p.throttled))
	d.p.mu.Unlock()
	return rest(ctx, wait)
}

// rest sleeps in virtual time.
func rest(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Create is one try.
func (d client) Create(_ context.Context, r refund.Request, key string) refund.Answer {
	x, err := understand(r)
	if err != nil {
		d.violate("R5", "%v", err)
	}
	if d.p.step("request") != nil {
		return refund.Answer{Cause: errDead.Error(), EndedAt: d.p.clock()}
	}
	d.p.checkPost(x, r, key)
	d.mu.Lock()
	d.posts[x.id]++
	n := d.posts[x.id]
	d.coming[key]++
	d.mu.Unlock()
	t := d.trouble(x.id, n)
	d.logf("%s  POST %s of %s, %d (%s)%s", d.p.name, x.id, x.order, x.amount, key[:8], named(t.kind))
	time.Sleep(d.p.latency(x.id, n))
	answer := d.through(t, x, r, key)
	if t.kind != "late" {
		d.mu.Lock()
		d.coming[key]--
		d.mu.Unlock()
	}
	if d.p.step("handled") == nil {
		time.Sleep(d.p.latency(x.id+" back", n))
	}
	answer.EndedAt = d.p.clock()
	if d.p.step("answered") != nil {
		answer = refund.Answer{Cause: errDead.Error(), EndedAt: d.p.clock()}
	}
	d.logf("%s  answer to %s: %d%s %s%s", d.p.name, x.id, answer.HTTP, replayed(answer), answer.Message, answer.Cause)
	d.p.answered(x, key, answer)
	return answer
}

func named(kind string) string {
	if kind == "" {
		return ""
	}
	return ": " + kind
}

func replayed(a refund.Answer) string {
	if a.Replayed {
		return " replayed"
	}
	return ""
}

// through applies the trouble: what reaches the API, and what comes back.
func (d client) through(t trouble, x postedRefund, r refund.Request, key string) refund.Answer {
	lost := refund.Answer{Cause: "connection reset by peer"}
	serve := func(instead *refund.Answer) refund.Answer {
		return d.handle(x, key, string(r.Body), d.p.run(), instead)
	}
	internal := refund.Answer{HTTP: 500, Code: "internal_error", Type: "api_error", Message: "internal Server Error"}
	switch t.kind {
	case "":
		return serve(nil)
	case "lost before":
		return lost
	case "late":
		run := d.p.run()
		go func() {
			time.Sleep(t.delay) // virtual
			d.logf("API   gets the late POST of %s", x.id)
			d.handle(x, key, string(r.Body), run, nil)
			d.mu.Lock()
			d.coming[key]--
			d.mu.Unlock()
		}()
		return lost
	case "no way":
		return refund.Answer{NotSent: true, Cause: "connection refused"}
	case "throttled":
		return refund.Answer{HTTP: 429, Code: "request_failed", Type: "rate_limit_error", Message: "Too many requests", Wait: 7 * time.Second}
	case "401":
		return refund.Answer{HTTP: 401, Code: "request_failed", Type: "authentication_error", Message: "authentication Failed"}
	case "busy":
		return no(409, "", "One refund request is already being processed")
	case "500":
		return internal
	case "stored 500":
		return serve(&internal)
	case "stored 400":
		refusal := no(400, "refund_unsupported", "not for this payment method")
		return serve(&refusal)
	case "redirect":
		return refund.Answer{HTTP: 307}
	case "page":
		return refund.Answer{HTTP: 200, Cause: "a page instead of JSON"}
	case "409":
		return no(409, "", "conflict")
	}
	return d.after(t.kind, x, key, serve)
}

// after is what comes back if the API did its work and the answer does not say so.
func (d client) after(kind string, x postedRefund, key string, serve func(*refund.Answer) refund.Answer) refund.Answer {
	answer := serve(nil)
	switch kind {
	case "lost after":
		return refund.Answer{Cause: "timeout"}
	case "500 after":
		return refund.Answer{HTTP: 500, Code: "internal_error"}
	case "409 after":
		return no(409, "", "conflict")
	case "redirect after":
		return refund.Answer{HTTP: 302}
	case "stored 500 after":
		if answer.Replayed {
			return answer
		}
		answer = refund.Answer{HTTP: 500, Code: "internal_error"}
		d.mu.Lock()
		defer d.mu.Unlock()
		s := d.keys[key]
		s.answer = answer
		d.keys[key] = s
	}
	if answer.Live == nil {
		return answer
	}
	l := *answer.Live
	answer.Live = &l
	switch kind {
	case "truncated":
		answer.Live, answer.Cause = nil, "unexpected end of JSON"
	case "foreign id":
		l.RefundID = "somebody_elses"
	case "foreign amount":
		l.Amount.Minor *= 10
	}
	return answer
}

// Refunds lists what the API shows of an order: refunds older than this read's lag, as they were then.
func (d client) Refunds(ctx context.Context, p refund.Parent) ([]refund.Live, error) {
	if p.Kind != refund.Order {
		d.violate("reads", "a %s has no list of refunds", p.Kind)
	}
	return d.read(ctx, p.ID, "")
}

// Refund reads one refund of a parent that has no list.
func (d client) Refund(ctx context.Context, id refund.Identity) (refund.Live, error) {
	if id.Kind == refund.Order {
		d.violate("reads", "%s of an order was read by get-one", id.RefundID)
	}
	seen, err := d.read(ctx, id.ID, id.RefundID)
	switch {
	case err != nil:
		return refund.Live{}, err
	case len(seen) == 0:
		return refund.Live{}, &refund.ReadError{Class: refund.NotFound, HTTP: 404}
	}
	return seen[0], nil
}

func (d client) read(ctx context.Context, orderID, alone string) ([]refund.Live, error) {
	if err := d.p.step("list"); err != nil {
		return nil, err
	}
	began := time.Now()
	d.mu.Lock()
	d.reads[orderID]++
	n := d.reads[orderID]
	d.mu.Unlock()
	t := d.trouble(orderID, n)
	if t.kind == "not found" && alone != "" {
		t.kind = "unreadable" // for a single refund a 404 would be an answer, and a wrong one
	}
	there := d.p.latency("list "+orderID, n)
	if t.kind == "slow" {
		there += 4 * time.Second
	}
	if err := rest(ctx, there); err != nil {
		return nil, err
	}
	seen, err := d.shown(orderID, alone, n, t.kind)
	if e := rest(ctx, d.p.latency("list back "+orderID, n)); e != nil {
		return nil, e
	}
	if e := d.p.step("listed"); e != nil {
		return nil, e
	}
	d.p.keepRead(orderID, alone, began, seen, err)
	d.logf("%s  read of %s %s: %v%s", d.p.name, orderID, alone, ids(seen), named(t.kind))
	return seen, err
}

func ids(list []refund.Live) (names []string) {
	for _, l := range list {
		names = append(names, l.RefundID)
	}
	return names
}

func (d client) shown(orderID, alone string, n int, trouble string) (seen []refund.Live, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := readError(trouble); err != nil {
		return nil, err
	}
	o, known := d.order(orderID)
	if !known && alone == "" {
		return nil, &refund.ReadError{Class: refund.NotFound, HTTP: 404}
	}
	lag := time.Duration(d.w.roll(int64(d.w.lag)+1, "lag "+orderID, n))
	if d.w.roll(2, "no lag "+orderID, n) == 0 {
		lag = 0
	}
	for _, b := range d.books {
		if at := time.Now().Add(-lag); b.order == orderID && !b.at.After(at) && (alone == "" || alone == b.id) {
			seen = append(seen, b.live(o.kind, at))
		}
	}
	return seen, nil
}

func readError(trouble string) error {
	switch trouble {
	case "throttled":
		return &refund.ReadError{Class: refund.Throttled, HTTP: 429}
	case "unreachable":
		return &refund.ReadError{Class: refund.Unreachable}
	case "unreadable":
		return &refund.ReadError{Class: refund.Unreadable, HTTP: 200}
	case "not found":
		return &refund.ReadError{Class: refund.NotFound, HTTP: 404}
	case "credentials":
		return &refund.ReadError{Class: refund.Credentials, HTTP: 401}
	}
	return nil
}

// Payments lists the payments of an order.
func (d client) Payments(ctx context.Context, p refund.Parent) ([]refund.Paid, error) {
	if err := d.p.step("list"); err != nil {
		return nil, err
	}
	d.mu.Lock()
	d.reads["payments "+p.ID]++
	n := d.reads["payments "+p.ID]
	o, known := d.order(p.ID)
	d.mu.Unlock()
	if err := rest(ctx, d.p.latency("payments "+p.ID, n)); err != nil {
		return nil, err
	}
	switch {
	case !known:
		return nil, &refund.ReadError{Class: refund.NotFound, HTTP: 404}
	case !d.paid(o):
		return nil, d.p.step("listed")
	}
	return []refund.Paid{{Amount: money.Amount{Minor: o.captured, Currency: money.INR}, Status: "SUCCESS", Captured: true,
		CompletedAt: d.start.Add(o.paid).Truncate(time.Second)}}, d.p.step("listed")
}
