package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"refundctl/internal/diag"
	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/plan"
)

// writeJSON writes one document on one line.
func writeJSON(w io.Writer, document any) error {
	line, err := encode(document)
	if err != nil {
		return err
	}
	_, err = w.Write(append(line, '\n'))
	return err
}

// encode renders JSON without invisible characters in its strings, because machine output is read on
// terminals too. JSON readers get the same text back.
func encode(document any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(document); err != nil {
		return nil, fmt.Errorf("encoding the output: %w", err)
	}
	return plan.EscapeJSON(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

// moment is a time, or null if it is not known.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func placeOf(p diag.Place) *diag.Place {
	if p == (diag.Place{}) {
		return nil
	}
	return &p
}

// refundJSON is the refund of a document and its money: the same names in the same order in every document.
// The account comes before it, with its environment if the document has one.
type refundJSON struct {
	Kind      refund.Kind `json:"kind"`
	ParentID  string      `json:"parent_id"`
	PaymentID string      `json:"payment_id"`
	RefundID  string      `json:"refund_id"`
	moneyJSON
}

// moneyJSON is an amount in major units with the decimals of its currency.
type moneyJSON struct {
	Amount   string         `json:"amount"`
	Currency money.Currency `json:"currency"`
}

func refundOf(id refund.Identity, payment string, a money.Amount) refundJSON {
	return refundJSON{id.Kind, id.ID, payment, id.RefundID, moneyOf(a)}
}

func moneyOf(a money.Amount) moneyJSON { return moneyJSON{a.String(), a.Currency} }
