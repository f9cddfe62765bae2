package cli

import (
	"bytes"
	"context"
	"runtime"

	"refundctl/internal/task"
	"refundctl/schema"
	"refundctl/schema/yamltree"
)

// scannedRefund is what a quick scan of a manifest shows of a refund, as written. It is good enough for names to
// choose from, and never for anything that is sent.
type scannedRefund struct {
	parentID string // of an order or a subscription, or else the payment
	refundID string
	amount   string
	currency string // empty for INR
	hold     bool
}

// quickScan looks for the refunds of the manifests at paths, in the order of files and lines. It reads line by line and
// knows no YAML: it shows what it can read of an invalid manifest, and may show less of an unusual layout. When ctx ends,
// it returns what it has found so far.
func quickScan(ctx context.Context, paths []string, root string) []scannedRefund {
	files, _, _ := schema.Find(ctx, paths, root)
	found := make([][]scannedRefund, len(files))
	group := task.New()
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, f := range files {
		group.Go(func() error {
			if data, err := yamltree.ReadFile(f.Path); err == nil && ctx.Err() == nil {
				found[i] = scanLines(data)
			}
			return nil
		})
	}
	_ = group.Wait() // it returns no errors: what cannot be read shows nothing
	var all []scannedRefund
	for _, some := range found {
		all = append(all, some...)
	}
	return all
}

func scanLines(data []byte) (found []scannedRefund) {
	var r scannedRefund
	keep := func() {
		if r.refundID != "" {
			found = append(found, r)
		}
		r = scannedRefund{}
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
			r.take(field)
		}
	}
	keep()
	return found
}

// take reads one field, if a scan shows it.
func (r *scannedRefund) take(field []byte) {
	name, value, found := bytes.Cut(field, []byte(": "))
	if !found {
		return
	}
	value, _, _ = bytes.Cut(value, []byte(" #"))
	text := string(bytes.Trim(value, `"' {}`))
	switch string(bytes.Trim(name, ` "'{`)) {
	case "order_id", "subscription_id":
		r.parentID = text
	case "payment_id":
		if r.parentID == "" {
			r.parentID = text
		}
	case "refund_id":
		r.refundID = text
	case "refund_amount":
		r.amount = text
	case "refund_currency":
		r.currency = text
	case "hold":
		r.hold = text == "true"
	}
}
