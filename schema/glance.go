package schema

import (
	"bytes"
	"context"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// Glimpse is what a quick look at a manifest shows of a refund: text as it is written. It is good for
// names to choose from, and for nothing that is sent.
type Glimpse struct {
	ParentID string // of an order or a subscription, else the payment
	RefundID string
	Amount   string
	Currency string // empty: INR
	Hold     bool
}

// Glance looks through the manifests that paths mean for their refunds, in the order of files and
// lines. It reads line by line and knows no YAML: a manifest that is wrong shows what can be read of
// it, and one in an unusual layout may show less. It ends early, with what it found so far, when ctx does.
func Glance(ctx context.Context, paths []string, root string) []Glimpse {
	files, _, _ := gather(ctx, paths, root)
	found := make([][]Glimpse, len(files))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, f := range files {
		group.Go(func() error {
			if data, err := readBounded(f.path); err == nil && ctx.Err() == nil {
				found[i] = glimpses(data)
			}
			return nil
		})
	}
	_ = group.Wait() // what cannot be read shows nothing
	var all []Glimpse
	for _, some := range found {
		all = append(all, some...)
	}
	return all
}

func glimpses(data []byte) (found []Glimpse) {
	var g Glimpse
	keep := func() {
		if g.RefundID != "" {
			found = append(found, g)
		}
		g = Glimpse{}
	}
	for line := range bytes.Lines(data) {
		line = bytes.TrimSpace(line)
		if bytes.HasPrefix(line, []byte("#")) {
			continue
		}
		fields, item := bytes.CutPrefix(line, []byte("-"))
		if item && !bytes.Contains(fields, []byte("vendor_id:")) && (len(fields) == 0 || bytes.Contains(fields, []byte(": "))) {
			keep()
		}
		fields = bytes.Trim(fields, "{} ")
		for len(fields) > 0 {
			var field []byte
			field, fields, _ = bytes.Cut(fields, []byte(", "))
			g.see(field)
		}
	}
	keep()
	return found
}

// see takes one field, as far as it says what is looked for.
func (g *Glimpse) see(field []byte) {
	name, value, found := bytes.Cut(field, []byte(": "))
	if !found {
		return
	}
	value, _, _ = bytes.Cut(value, []byte(" #"))
	text := string(bytes.Trim(value, `"' {}`))
	switch string(bytes.Trim(name, ` "'{`)) {
	case "order_id", "subscription_id":
		g.ParentID = text
	case "payment_id":
		if g.ParentID == "" {
			g.ParentID = text
		}
	case "refund_id":
		g.RefundID = text
	case "refund_amount":
		g.Amount = text
	case "refund_currency":
		g.Currency = text
	case "hold":
		g.Hold = text == "true"
	}
}
