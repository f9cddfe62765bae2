package sandbox

import (
	"encoding/json"

	"refundctl/internal/money"
)

// stage is where in a request's way a fault acts.
type stage int

const (
	atDoor      stage = iota // instead of everything: nothing is done or stored
	inPlace                  // instead of the work: stored under the key
	recorded                 // after the work: stored in place of the true answer
	unrecorded               // after the work: nothing is stored under the key
	onWire                   // after the work: the true answer is stored, this one arrives
	pauseBefore              // the work begins late
	pauseAfter               // the answer comes late
	afterwards               // what becomes of the refund when it settles
	onRead                   // instead of a read
	onCancel                 // instead of cancelling
	afterCancel              // after it
)

func (s stage) duty() duty {
	switch s {
	case onRead:
		return readsRefund
	case onCancel, afterCancel:
		return cancels
	}
	return creates
}

// faultKind is one fault: reply makes its answer from the one that would be given. What comes
// after the work acts only where the work was done, or is replayed: on a 200.
type faultKind struct {
	name  string
	stage stage
	reply func(*call, answer) answer
	fate  string // afterwards
}

var faultKinds = []faultKind{
	{name: "drop-before", stage: atDoor, reply: lose},
	{name: "drop-after", stage: onWire, reply: lose},
	{name: "500-before", stage: atDoor, reply: failing},
	{name: "500-after", stage: unrecorded, reply: failing},
	{name: "500-stored", stage: inPlace, reply: failing},
	{name: "500-stored-after", stage: recorded, reply: failing},
	{name: "502-html", stage: atDoor, reply: badGateway},
	{name: "502-html-after", stage: onWire, reply: badGateway},
	{name: "truncate", stage: onWire, reply: truncate},
	{name: "garbage", stage: onWire, reply: garbage},
	{name: "wrong-amount", stage: onWire, reply: wrongAmount},
	{name: "wrong-id", stage: onWire, reply: wrongID},
	{name: "redirect", stage: atDoor, reply: redirect},
	{name: "429", stage: atDoor, reply: tooMany},
	{name: "busy", stage: atDoor, reply: alreadyProcessing},
	{name: "slow", stage: pauseBefore},
	{name: "hang", stage: pauseAfter},
	{name: "fails", stage: afterwards, fate: failed},
	{name: "bank-cancels", stage: afterwards, fate: cancelled},
	{name: "on-hold", stage: afterwards, fate: onHold},
	{name: "read-404", stage: onRead, reply: notThere},
	{name: "read-500", stage: onRead, reply: failing},
	{name: "cancel-drop-before", stage: onCancel, reply: lose},
	{name: "cancel-drop-after", stage: afterCancel, reply: lose},
	{name: "cancel-500-after", stage: afterCancel, reply: failing},
}

// FaultHelp tells a user how ParseFaults is spoken to.
const FaultHelp = `Faults are a comma separated list of NAME=WHEN. WHEN is a chance from 0 to 1,
#N for the N-th request of its kind, or #N-M. slow and hang take DURATION or
DURATION@WHEN, read-lag a DURATION.

  drop-before         the connection closes, nothing was done
  drop-after          the refund is made, the connection closes
  500-before          a 500, nothing was done, nothing is stored under the key
  500-after           the refund is made, a 500, nothing is stored under the key
  500-stored          a 500 that the key will replay, nothing was done
  500-stored-after    the refund is made, a 500 that the key will replay
  502-html            a 502 of HTML, nothing was done
  502-html-after      the refund is made, a 502 of HTML
  truncate            the refund is made, the 200 breaks off in the middle
  garbage             the refund is made, the 200 holds something else
  wrong-amount        the refund is made, the 200 tells another amount
  wrong-id            the refund is made, the 200 tells another refund_id
  redirect            a 307; who follows it makes the refund
  429                 too many requests, to come back in a second
  busy                a 409, already being processed
  slow                the work begins late
  hang                the refund is made, the answer comes late
  fails               the refund is made, and turns FAILED instead of SUCCESS
  bank-cancels        the refund is made, and turns CANCELLED instead of SUCCESS
  on-hold             the refund is made, and turns ONHOLD instead of SUCCESS
  read-404            a read of refunds finds nothing, for once
  read-500            a read of refunds fails
  cancel-drop-before  the connection closes, nothing was cancelled
  cancel-drop-after   the refund is cancelled, the connection closes
  cancel-500-after    the refund is cancelled, a 500
  read-lag            reads do not show younger refunds`

func lose(*call, answer) answer                  { return answer{lost: true} }
func failing(c *call, _ answer) answer           { return c.no(serverError) }
func alreadyProcessing(c *call, _ answer) answer { return c.no(busy) }

// notThere denies the one refund that was asked for, or the parent whose list was.
func notThere(c *call, _ answer) answer {
	if len(c.ids) == 2 {
		return c.no(noRefund)
	}
	return c.no(readMissing)
}

func badGateway(*call, answer) answer {
	return answer{status: 502, html: true, body: []byte("<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n")}
}

func truncate(_ *call, a answer) answer {
	a.cut = len(a.body) / 2
	return a
}

func garbage(_ *call, a answer) answer {
	a.body = []byte(`{"status":"OK"}` + "\n")
	return a
}

func tooMany(c *call, _ answer) answer {
	a := c.no(throttled)
	a.retry = 1
	return a
}

func redirect(c *call, _ answer) answer {
	return answer{status: 307, location: movedPrefix + c.path, body: []byte("{}\n")}
}

func wrongAmount(_ *call, a answer) answer {
	return altered(a, "refund_amount", func(raw json.RawMessage) json.RawMessage {
		amount, err := money.ParseNumber(string(raw), money.INR)
		if err != nil {
			return json.RawMessage("0.01")
		}
		amount.Minor++
		return json.RawMessage(amount.String())
	})
}

func wrongID(_ *call, a answer) answer {
	return altered(a, "refund_id", func(json.RawMessage) json.RawMessage { return json.RawMessage(`"another_refund"`) })
}

// altered is the answer with one field changed.
func altered(a answer, field string, change func(json.RawMessage) json.RawMessage) answer {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(a.body, &fields); err != nil {
		return a
	}
	fields[field] = change(fields[field])
	lie := ok(fields)
	a.body = lie.body
	return a
}
