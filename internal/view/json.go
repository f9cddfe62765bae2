package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"refundctl/internal/diag"
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

// encode renders JSON whose strings hold no invisible character either: machine output is looked at
// on terminals too. Any JSON reader gets the same text back.
func encode(document any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(document); err != nil {
		return nil, fmt.Errorf("encoding the output: %w", err)
	}
	return plan.Shown(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

// moment is a time that may be unknown: null then.
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
