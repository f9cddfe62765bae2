package schema

import (
	"errors"
	"fmt"
	"strings"

	"refundctl/internal/money"
	"refundctl/internal/refund"
)

// judge checks what a JSON Schema cannot express, in fields that the contract did not refuse.
func (r *row) judge() {
	if r.amount != nil && !r.failedAt("refund_amount") {
		r.spec.Amount = parseAmount(r.out, "refund_amount", r.amount, r.currency)
	}
	if r.splits != nil && !r.failedAt("refund_splits") {
		r.judgeSplits()
	}
	if r.note != nil {
		judgeText(r.out, "refund_note", r.note)
	}
	if r.labels != nil {
		judgeLabels(r.out, r.labels)
	}
	if r.supersedes != nil && r.spec.Supersedes == r.spec.RefundID && r.id != nil {
		r.out.add(r.supersedes, codeSelfReference, "a refund cannot supersede itself", "name the refund that it replaces")
	}
	if r.clears != nil && !r.failedAt("not_duplicate_of") {
		r.judgeCleared()
	}
}

// parseAmount reads an amount that the contract has no word against: the currency may have.
func parseAmount(out *sink, name string, n *node, c money.Currency) money.Amount {
	a, err := money.Parse(n.Value, c)
	var p *money.ParseError
	if errors.As(err, &p) {
		out.add(n, codeAmount, name+" "+p.Problem, amountHint(name[strings.LastIndexByte(name, ' ')+1:]+": ", p, c))
	}
	return a
}

// judgeSplits reads the shares: each vendor once, and together no more than the refund.
func (r *row) judgeSplits() {
	var sum money.Amount
	vendors := map[string]bool{}
	for _, item := range r.splits.Content {
		share := target(item)
		_, vendor := child(share, "vendor_id")
		_, amount := child(share, "amount")
		split := refund.Split{VendorID: target(vendor).Value, Amount: parseAmount(r.out, "amount", target(amount), r.currency)}
		r.spec.Splits = append(r.spec.Splits, split)
		if vendors[split.VendorID] {
			r.out.add(target(vendor), codeDuplicateItem, "this vendor has a share already", "add the two shares up")
		}
		vendors[split.VendorID] = true
		warnPersonal(r.out, "vendor_id", target(vendor))
		next, err := sum.Add(split.Amount)
		if err != nil {
			r.out.add(target(amount), codeAmount, "the shares add up to more than any amount", "lower the shares")
			return
		}
		sum = next
	}
	if whole := r.spec.Amount; whole.Minor > 0 && sum.Minor > whole.Minor {
		r.out.add(r.splits, codeSplitSum, fmt.Sprintf("the shares add up to %s, the refund is %s", sum, whole), "lower the shares or raise refund_amount")
	}
}

func (r *row) judgeCleared() {
	seen := map[string]bool{}
	for _, item := range r.clears.Content {
		id := target(item)
		switch {
		case r.id != nil && id.Value == r.spec.RefundID:
			r.out.add(item, codeSelfReference, "a refund is no duplicate of itself", "name the other refund")
		case seen[id.Value]:
			r.out.add(item, codeDuplicateItem, "this refund is already listed", "list it once")
		}
		seen[id.Value] = true
	}
}

// judgeText refuses what does not belong into a text that Git and the API keep, and tells whether
// it did.
func judgeText(out *sink, name string, n *node) bool {
	if n.Kind != scalarNode {
		return false
	}
	before := out.failed()
	if r, position := badControl(n.Value); r >= 0 {
		out.add(n, codeControl, fmt.Sprintf("%s holds the control character U+%04X as character %d", name, r, position), "write one line of visible characters")
	}
	for _, p := range personalData(n.Value) {
		if p.what == secretWord {
			refuseSecret(out, n)
			continue
		}
		out.add(n, codePersonalData, fmt.Sprintf("%s holds %s: %s", name, p.what, p.masked()), personalHint)
	}
	return out.failed() > before
}

func judgeLabels(out *sink, n *node) {
	if n.Kind != mappingNode {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		judgeText(out, "a label's name", n.Content[i])
		judgeText(out, "label "+shown(n.Content[i].Value), target(n.Content[i+1]))
	}
}

// warnPersonal looks for numbers only: an id cannot hold an @.
func warnPersonal(out *sink, name string, n *node) {
	if len(n.Value) > longestSearched || !longNumber(n.Value) {
		return
	}
	for _, p := range numbers(n.Value) {
		out.warn(n, codePersonalData, fmt.Sprintf("%s may hold %s: %s", name, p.what, p.masked()), personalHint)
	}
}

// judgeAccount checks what depends on the account that the refund belongs to.
func (m *manifestFile) judgeAccount(r *row) {
	a, known := m.accounts[m.account]
	if !known || r.spec.Kind == "" {
		return
	}
	switch kind := r.spec.Kind; {
	case kind == refund.Payment && a.API != "flowwise":
		r.out.add(r.node, codeAccountAPI, fmt.Sprintf("payment_id alone is refunded by flowwise, account %s is %s", m.account, a.API), "name order_id or subscription_id, or another account")
	case kind != refund.Payment && a.API != "cashfree":
		r.out.add(r.node, codeAccountAPI, fmt.Sprintf("kind %s is refunded by cashfree, account %s is %s", kind, m.account, a.API), "name payment_id alone, or another account")
	case kind == refund.Subscription && a.APIVersion < "2023-08-01":
		r.out.add(r.node, codeAPIVersion, fmt.Sprintf("subscriptions are refunded from API version 2023-08-01 on, account %s has %s", m.account, a.APIVersion), "raise api_version in the configuration")
	case kind == refund.Subscription && a.APIVersion >= "2026-01-01" && r.spec.PaymentID == "":
		r.out.add(r.node, codePaymentRequired, fmt.Sprintf("API version %s wants the payment_id of the subscription", a.APIVersion), "add payment_id")
	}
	if a.Environment == "production" && strings.Contains(" SUCCESS FAILED PENDING ACTIVE ", " "+r.spec.Note+" ") && r.spec.Note != "" {
		at := r.note
		if at == nil {
			at = r.node
		}
		r.out.add(at, codeSimulatorNote, fmt.Sprintf("the note %s commands the sandbox's simulator and says nothing in production", r.spec.Note), "write why the money goes back")
	}
}
