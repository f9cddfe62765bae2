package apply

import (
	"strings"

	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// Class is what one answer means for the refund that it answers.
type Class string

// The classes of the outcome table; Classify says which answer belongs to which.
const (
	Accepted     Class = "accepted"      // the API holds the refund
	Mismatch     Class = "mismatch"      // a 200 about another refund or amount
	Replayed     Class = "burnt"         // a stored answer was replayed: this try ran nothing
	Unknown      Class = "unknown"       // it may have been executed
	Redirected   Class = "redirected"    // unknown, and something stands between us and the API
	Exists       Class = "exists"        // the API holds something under this refund_id
	Busy         Class = "busy"          // not attempted: another request is being processed
	Rejected     Class = "refused"       // the API said no
	OtherBytes   Class = "other_bytes"   // the key was used for another body
	Credentials  Class = "credentials"   // not attempted: the API does not know us
	NotAttempted Class = "not_attempted" // throttled, or nothing left this machine
	Conflicting  Class = "conflict"      // read back: another refund lives under this id
)

// Classify gives an answer its class: the first that fits. unsettled says that an earlier try of
// the same attempt has an unknown outcome; then a refusal tells nothing about that one.
func Classify(a refund.Answer, want state.Intent, unsettled bool) Class {
	switch {
	case a.HTTP != 200 && a.HTTP != 0 && a.Replayed:
		return Replayed
	case a.HTTP == 200:
		return classifyOK(a, want)
	case a.HTTP >= 300 && a.HTTP < 400:
		return Redirected
	case a.Ambiguous && (a.HTTP == 400 || a.HTTP == 404 || a.HTTP == 409 || a.HTTP == 422):
		return Unknown
	case a.HTTP == 400 || a.HTTP == 409 || a.HTTP == 404:
		return classifyRefusal(a, unsettled)
	case a.HTTP == 422:
		return OtherBytes
	case a.HTTP == 401 || a.HTTP == 403:
		return Credentials
	case a.HTTP == 429 || a.HTTP == 0 && a.NotSent:
		return NotAttempted
	}
	return Unknown
}

// classifyOK holds a 200 against the intent (R9).
func classifyOK(a refund.Answer, want state.Intent) Class {
	switch {
	case a.Live == nil:
		return Unknown
	case a.Live.RefundID != want.ID.RefundID:
		return Mismatch
	}
	if code, _ := plan.Differs(specOfIntent(want), *a.Live); code != "" && code != "splits_differ" {
		return Mismatch
	}
	return Accepted
}

func classifyRefusal(a refund.Answer, unsettled bool) Class {
	code, message := strings.ToLower(a.Code), strings.ToLower(a.Message)
	switch {
	case a.HTTP != 404 && (strings.HasSuffix(code, "already_exists") || containsAny(message, "duplicate", "already exists", "already present")):
		return Exists
	case a.HTTP != 404 && strings.Contains(message, "already being processed"):
		return Busy
	case a.HTTP == 400 && a.Type == "idempotency_error":
		return OtherBytes
	case a.HTTP == 409 || unsettled:
		return Unknown
	}
	return Rejected
}

func containsAny(text string, words ...string) bool {
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// wanted is what an intent asked for, in the form that live refunds are compared with.
func specOfIntent(in state.Intent) refund.Spec {
	return refund.Spec{Kind: in.ID.Kind, ParentID: in.ID.ID, PaymentID: in.PaymentID, RefundID: in.ID.RefundID,
		Amount: in.Amount, Splits: in.Splits}
}
