package layout

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/schema/yamltree"
)

// WriteHead returns the beginning of a manifest, up to the line above its refunds. Editors check the manifest against
// schemaFile, which may be empty. The default account is not written.
func WriteHead(schemaFile, account string) string {
	var b strings.Builder
	if schemaFile != "" {
		fmt.Fprintf(&b, "# yaml-language-server: $schema=%s\n", schemaFile)
	}
	b.WriteString("version: 1\n")
	if account != "" && account != "default" {
		fmt.Fprintf(&b, "account: %s\n", yamlText(account))
	}
	b.WriteString("refunds:\n")
	return b.String()
}

// WriteRefund returns one row of a manifest, in the canonical layout. Reading it again gives the same spec, except for
// its place, and for its account and defaults, which belong to the head of a file.
func WriteRefund(s refund.Spec) string {
	w := rowWriter{lead: "  - "}
	switch s.Kind {
	case refund.Order:
		w.text("order_id", s.ParentID)
	case refund.Subscription:
		w.text("subscription_id", s.ParentID)
		w.text("payment_id", s.PaymentID)
	case refund.Payment:
		w.text("payment_id", s.ParentID)
	}
	w.text("refund_id", s.RefundID)
	w.field("refund_amount", s.Amount.String())
	if s.Amount.Currency != money.INR {
		w.text("refund_currency", string(s.Amount.Currency))
	}
	w.text("refund_note", s.Note)
	w.text("refund_speed", s.Speed)
	w.text("refund_type", s.Type)
	w.splits(s.Splits)
	w.labels(s.Labels)
	if s.Hold {
		w.field("hold", "true")
	}
	w.list("not_duplicate_of", s.NotDuplicateOf)
	w.text("supersedes", s.Supersedes)
	return w.b.String()
}

// rowWriter writes the fields of a row below each other, without those that are empty.
type rowWriter struct {
	b    strings.Builder
	lead string // of the next line
}

func (w *rowWriter) field(name, value string) {
	fmt.Fprintf(&w.b, "%s%s: %s\n", w.lead, name, value)
	w.lead = "    "
}

func (w *rowWriter) text(name, value string) {
	if value != "" {
		w.field(name, yamlText(value))
	}
}

func (w *rowWriter) list(name string, values []string) {
	if len(values) == 0 {
		return
	}
	written := make([]string, len(values))
	for i, v := range values {
		written[i] = yamlText(v)
	}
	w.field(name, "["+strings.Join(written, ", ")+"]")
}

func (w *rowWriter) labels(labels map[string]string) {
	if len(labels) == 0 {
		return
	}
	written := make([]string, 0, len(labels))
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		written = append(written, yamlText(name)+": "+yamlText(labels[name]))
	}
	w.field("labels", "{"+strings.Join(written, ", ")+"}")
}

func (w *rowWriter) splits(splits []refund.Split) {
	if len(splits) == 0 {
		return
	}
	w.b.WriteString(w.lead + "refund_splits:\n")
	for _, s := range splits {
		fmt.Fprintf(&w.b, "      - {vendor_id: %s, amount: %s}\n", yamlText(s.VendorID), s.Amount)
	}
}

// plainText matches what YAML reads as these very characters everywhere, also in { and [.
var plainText = regexp.MustCompile(`^[A-Za-z0-9_₹]([A-Za-z0-9_./()+₹ -]*[A-Za-z0-9_.)/])?$`)

// plainID matches a number that every program writes with the same digits, and that is long enough for an id.
var plainID = regexp.MustCompile(`^[1-9][0-9]{2,14}$`)

// yamlText returns text as a YAML value: unchanged if that is safe, and otherwise in double quotes.
func yamlText(text string) string {
	switch strings.ToLower(text) {
	case "null", "true", "false", "yes", "no", "on", "off", "y", "n":
		return strconv.Quote(text)
	}
	if _, isText := yamltree.ScalarValue(&yamltree.Node{Kind: yamltree.ScalarNode, Value: text}).(string); plainText.MatchString(text) && (isText || plainID.MatchString(text)) {
		return text
	}
	return strconv.Quote(text)
}
