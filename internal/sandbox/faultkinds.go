package sandbox

import (
	"encoding/json"

	"refundctl/internal/money"
)

// stage is when in the course of a request a fault acts.
type stage int

const (
	beforeWork         stage = iota // instead of everything: nothing is done or stored
	insteadOfWork                   // instead of the work: stored under the key
	afterWorkStored                 // after the work: stored instead of the true answer
	afterWorkNotStored              // after the work: nothing is stored under the key
	afterWorkOnWire                 // after the work: the true answer is stored, but this one is sent
	pauseBefore                     // the work begins late
	pauseAfter                      // the answer comes late
	onSettling                      // when the refund settles: its final status
	onRead                          // instead of a read
	onCancel                        // instead of cancelling
	afterCancel                     // after it
)

func (s stage) effect() effect {
	switch s {
	case onRead:
		return readsRefund
	case onCancel, afterCancel:
		return cancels
	}
	return creates
}

// faultKind is one fault. Its reply makes the answer from the true one. A fault after the work acts only on a 200: the
// work was done, or is replayed.
type faultKind struct {
	name    string
	stage   stage
	reply   func(*call, answer) answer
	outcome string // the status on settling
}

var faultKinds = []faultKind{
	{name: "drop-before", stage: beforeWork, reply: dropConnection},
	{name: "drop-after", stage: afterWorkOnWire, reply: dropConnection},
	{name: "500-before", stage: beforeWork, reply: failing},
	{name: "500-after", stage: afterWorkNotStored, reply: failing},
	{name: "500-stored", stage: insteadOfWork, reply: failing},
	{name: "500-stored-after", stage: afterWorkStored, reply: failing},
	{name: "502-html", stage: beforeWork, reply: badGateway},
	{name: "502-html-after", stage: afterWorkOnWire, reply: badGateway},
	{name: "truncate", stage: afterWorkOnWire, reply: truncate},
	{name: "garbage", stage: afterWorkOnWire, reply: garbage},
	{name: "wrong-amount", stage: afterWorkOnWire, reply: wrongAmount},
	{name: "wrong-id", stage: afterWorkOnWire, reply: wrongID},
	{name: "redirect", stage: beforeWork, reply: redirect},
	{name: "429", stage: beforeWork, reply: tooMany},
	{name: "busy", stage: beforeWork, reply: alreadyProcessing},
	{name: "slow", stage: pauseBefore},
	{name: "hang", stage: pauseAfter},
	{name: "fails", stage: onSettling, outcome: failed},
	{name: "bank-cancels", stage: onSettling, outcome: cancelled},
	{name: "on-hold", stage: onSettling, outcome: onHold},
	{name: "read-404", stage: onRead, reply: notFound},
	{name: "read-500", stage: onRead, reply: failing},
	{name: "cancel-drop-before", stage: onCancel, reply: dropConnection},
	{name: "cancel-drop-after", stage: afterCancel, reply: dropConnection},
	{name: "cancel-500-after", stage: afterCancel, reply: failing},
}

// FaultHelp describes the input of ParseFaults to users.
const FaultHelp = `Faults are a comma-separated list of NAME=WHEN. WHEN is a probability from 0
to 1, #N for the N-th request of its kind, or #N-M. slow and hang take DURATION
or DURATION@WHEN, and read-lag takes a DURATION.

  drop-before         closes the connection; nothing is done
  drop-after          makes the refund, then closes the connection
  500-before          answers 500; nothing is done, the key stores nothing
  500-after           makes the refund, answers 500; the key stores nothing
  500-stored          answers 500, which the key will replay; nothing is done
  500-stored-after    makes the refund, answers 500, which the key will replay
  502-html            answers 502 with HTML; nothing is done
  502-html-after      makes the refund, answers 502 with HTML
  truncate            makes the refund, cuts the 200 off in the middle
  garbage             makes the refund, answers 200 with something else
  wrong-amount        makes the refund, answers 200 with another amount
  wrong-id            makes the refund, answers 200 with another refund_id
  redirect            answers 307; a client that follows it makes the refund
  429                 answers 429: too many requests, try again in a second
  busy                answers 409: already being processed
  slow                starts the work late
  hang                makes the refund, answers late
  fails               makes the refund, which turns FAILED instead of SUCCESS
  bank-cancels        makes the refund, which turns CANCELLED instead of SUCCESS
  on-hold             makes the refund, which turns ONHOLD instead of SUCCESS
  read-404            a read of refunds finds nothing
  read-500            a read of refunds fails
  cancel-drop-before  closes the connection; nothing is cancelled
  cancel-drop-after   cancels the refund, then closes the connection
  cancel-500-after    cancels the refund, answers 500
  read-lag            reads do not show refunds younger than this`

func dropConnection(*call, answer) answer        { return answer{lost: true} }
func failing(c *call, _ answer) answer           { return c.refuse(serverError) }
func alreadyProcessing(c *call, _ answer) answer { return c.refuse(busy) }

// notFound denies the refund that was requested, or the parent whose list was.
func notFound(c *call, _ answer) answer {
	if len(c.ids) == 2 {
		return c.refuse(noRefund)
	}
	return c.refuse(readMissing)
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
	a := c.refuse(throttled)
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

// altered returns the answer with one field replaced.
func altered(a answer, field string, replace func(json.RawMessage) json.RawMessage) answer {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(a.body, &fields); err != nil {
		return a
	}
	fields[field] = replace(fields[field])
	a.body = ok(fields).body
	return a
}
