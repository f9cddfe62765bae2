package schema

import (
	"errors"
	"fmt"
	"strings"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/schema/sensitive"
	"refundctl/schema/yamltree"
)

// validate checks what a JSON Schema cannot express, in fields that the schema accepts.
func (r *row) validate() {
	if r.amount != nil && !r.failedAt("refund_amount") {
		r.spec.Amount = parseAmount(r.out, "refund_amount", r.amount, r.currency)
	}
	if r.splits != nil && !r.failedAt("refund_splits") {
		r.validateSplits()
	}
	if r.note != nil {
		validateText(r.out, "refund_note", r.note)
	}
	if r.labels != nil {
		validateLabels(r.out, r.labels)
	}
	if r.supersedes != nil && r.spec.Supersedes == r.spec.RefundID && r.id != nil {
		r.out.Error(r.supersedes, CodeSelfReference, "a refund cannot supersede itself", "name the refund that it replaces")
	}
	if r.notDuplicateOf != nil && !r.failedAt("not_duplicate_of") {
		r.validateNotDuplicateOf()
	}
}

// Amount reads a field of a tree that its schema accepts. It is zero if the field is missing or, with an error in
// out, does not fit the currency.
func Amount(out *yamltree.Diagnostics, n *yamltree.Node, field string, c money.Currency) money.Amount {
	_, v := yamltree.Child(n, field)
	if v == nil {
		return money.Amount{}
	}
	return parseAmount(out, field, yamltree.Resolve(v), c)
}

// parseAmount reads an amount that the schema accepts; it may still not fit the currency.
func parseAmount(out *yamltree.Diagnostics, name string, n *node, c money.Currency) money.Amount {
	a, err := money.Parse(n.Value, c)
	var p *money.ParseError
	if errors.As(err, &p) {
		out.Error(n, CodeAmount, name+" "+p.Problem, amountHint(name[strings.LastIndexByte(name, ' ')+1:]+": ", p, c))
	}
	return a
}

// validateSplits reads the shares: each vendor has one, and together they are no more than the refund.
func (r *row) validateSplits() {
	var sum money.Amount
	vendors := map[string]bool{}
	for _, item := range r.splits.Content {
		share := yamltree.Resolve(item)
		_, vendor := yamltree.Child(share, "vendor_id")
		_, amount := yamltree.Child(share, "amount")
		split := refund.Split{VendorID: yamltree.Resolve(vendor).Value, Amount: parseAmount(r.out, "amount", yamltree.Resolve(amount), r.currency)}
		r.spec.Splits = append(r.spec.Splits, split)
		if vendors[split.VendorID] {
			r.out.Error(yamltree.Resolve(vendor), CodeDuplicateItem, "this vendor already has a share", "combine the two shares")
		}
		vendors[split.VendorID] = true
		warnPersonal(r.out, "vendor_id", yamltree.Resolve(vendor))
		next, err := sum.Add(split.Amount)
		if err != nil {
			r.out.Error(yamltree.Resolve(amount), CodeAmount, "the sum of the shares is out of range", "lower the shares")
			return
		}
		sum = next
	}
	if whole := r.spec.Amount; whole.Minor > 0 && sum.Minor > whole.Minor {
		r.out.Error(r.splits, CodeSplitSum, fmt.Sprintf("the shares add up to %s, but the refund is %s", sum, whole), "lower the shares or raise refund_amount")
	}
}

func (r *row) validateNotDuplicateOf() {
	seen := map[string]bool{}
	for _, item := range r.notDuplicateOf.Content {
		id := yamltree.Resolve(item)
		switch {
		case r.id != nil && id.Value == r.spec.RefundID:
			r.out.Error(item, CodeSelfReference, "a refund cannot be a duplicate of itself", "name the other refund")
		case seen[id.Value]:
			r.out.Error(item, CodeDuplicateItem, "this refund is already listed", "list it once")
		}
		seen[id.Value] = true
	}
}

// validateText reports what does not belong in a text that Git and the API keep. The result says whether there was
// any.
func validateText(out *yamltree.Diagnostics, name string, n *node) bool {
	if n.Kind != yamltree.ScalarNode {
		return false
	}
	before := out.Errors()
	if r, position := badControl(n.Value); r >= 0 {
		out.Error(n, CodeControl, fmt.Sprintf("%s contains the control character U+%04X as character %d", name, r, position), "write one line of visible characters")
	}
	for _, p := range sensitive.Find(n.Value) {
		if p.What == sensitive.Secret {
			refuseSecret(out, n)
			continue
		}
		out.Error(n, CodePersonalData, fmt.Sprintf("%s contains %s: %s", name, p.What, p.Masked()), personalHint)
	}
	return out.Errors() > before
}

func validateLabels(out *yamltree.Diagnostics, n *node) {
	if n.Kind != yamltree.MappingNode {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		validateText(out, "a label's name", n.Content[i])
		validateText(out, "label "+yamltree.Printable(n.Content[i].Value), yamltree.Resolve(n.Content[i+1]))
	}
}

const personalHint = "Git keeps it forever: refer to the order or the ticket instead"

// warnPersonal looks only for numbers: an id cannot contain an @.
func warnPersonal(out *yamltree.Diagnostics, name string, n *node) {
	for _, p := range sensitive.FindNumbers(n.Value) {
		out.Warn(n, CodePersonalData, fmt.Sprintf("%s may contain %s: %s", name, p.What, p.Masked()), personalHint)
	}
}

// validateAccount checks what depends on the account of the refund.
func (m *manifestFile) validateAccount(r *row) {
	a, known := m.accounts[m.account]
	if !known || r.spec.Kind == "" {
		return
	}
	switch kind := r.spec.Kind; {
	case kind == refund.Payment && a.API != "flowwise":
		r.out.Error(r.node, CodeAccountAPI, fmt.Sprintf("only flowwise refunds a payment_id alone, and account %s is %s", m.account, a.API), "add order_id or subscription_id, or choose another account")
	case kind != refund.Payment && a.API != "cashfree":
		r.out.Error(r.node, CodeAccountAPI, fmt.Sprintf("only cashfree refunds kind %s, and account %s is %s", kind, m.account, a.API), "use payment_id alone, or choose another account")
	case kind == refund.Subscription && a.APIVersion < "2023-08-01":
		r.out.Error(r.node, CodeAPIVersion, fmt.Sprintf("refunds of subscriptions need API version 2023-08-01 or later, and account %s has %s", m.account, a.APIVersion), "raise api_version in the configuration")
	case kind == refund.Subscription && a.APIVersion >= "2026-01-01" && r.spec.PaymentID == "":
		r.out.Error(r.node, CodePaymentRequired, fmt.Sprintf("API version %s requires the payment_id of the subscription", a.APIVersion), "add payment_id")
	}
	if a.Environment == "production" && strings.Contains(" SUCCESS FAILED PENDING ACTIVE ", " "+r.spec.Note+" ") && r.spec.Note != "" {
		at := r.note
		if at == nil {
			at = r.node
		}
		r.out.Error(at, CodeSimulatorNote, fmt.Sprintf("the note %s is a command for the sandbox's simulator and has no effect in production", r.spec.Note), "write why the money is refunded")
	}
}
