package apply

import (
	"strings"

	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// Class says what an answer means for the refund that it answers.
type Class string

// The classes of the outcome table. Classify says which answers belong to which class.
const (
	Accepted     Class = "accepted"      // the API has the refund
	Mismatch     Class = "mismatch"      // a 200 about a different refund or amount
	Replayed     Class = "burnt"         // a stored answer was replayed: this try ran nothing
	Unknown      Class = "unknown"       // the try may have run
	Redirected   Class = "redirected"    // unknown, and something stands between us and the API
	Exists       Class = "exists"        // the API has something under this refund_id
	Busy         Class = "busy"          // not attempted: another request is being processed
	Rejected     Class = "refused"       // the API said no
	OtherBytes   Class = "other_bytes"   // the key was used with another body
	Credentials  Class = "credentials"   // not attempted: the API refused the credentials
	NotAttempted Class = "not_attempted" // throttled, or nothing left this machine
	Conflicting  Class = "conflict"      // read back: a different refund exists under this refund_id
)

// Classify returns the class of an answer to an intent: the first one that fits. mayHaveRun says that an
// earlier try of the same attempt has an unknown outcome; a refusal then says nothing about that try.
func Classify(a refund.Answer, in state.Intent, mayHaveRun bool) Class {
	switch {
	case a.HTTP != 200 && a.HTTP != 0 && a.Replayed:
		return Replayed
	case a.HTTP == 200:
		return classifyOK(a, in)
	case a.HTTP >= 300 && a.HTTP < 400:
		return Redirected
	case a.Ambiguous && (a.HTTP == 400 || a.HTTP == 404 || a.HTTP == 409 || a.HTTP == 422):
		return Unknown
	case a.HTTP == 400 || a.HTTP == 409 || a.HTTP == 404:
		return classifyRefusal(a, mayHaveRun)
	case a.HTTP == 422:
		return OtherBytes
	case a.HTTP == 401 || a.HTTP == 403:
		return Credentials
	case a.HTTP == 429 || a.HTTP == 0 && a.NotSent:
		return NotAttempted
	}
	return Unknown
}

// classifyOK compares the refund in a 200 with the intent (R9).
func classifyOK(a refund.Answer, in state.Intent) Class {
	switch {
	case a.Live == nil:
		return Unknown
	case a.Live.RefundID != in.ID.RefundID:
		return Mismatch
	}
	for _, d := range refund.Differences(in.Terms(), a.Live.Terms()) {
		if d != refund.SplitsDiffer {
			return Mismatch
		}
	}
	return Accepted
}

// classifyRefusal returns the class of a 400, 404 or 409. The API has no error codes for all of them, so
// their messages count too.
func classifyRefusal(a refund.Answer, mayHaveRun bool) Class {
	code, message := strings.ToLower(a.Code), strings.ToLower(a.Message)
	switch {
	case a.HTTP != 404 && (strings.HasSuffix(code, "already_exists") || containsAny(message, "duplicate", "already exists", "already present")):
		return Exists
	case a.HTTP != 404 && strings.Contains(message, "already being processed"):
		return Busy
	case a.HTTP == 400 && a.Type == "idempotency_error":
		return OtherBytes
	case a.HTTP == 409 || mayHaveRun:
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

// differs compares a live refund with the one that the ledger has. An empty code means that they are the
// same refund.
func differs(e state.Entry, l refund.Live) (code, message string) {
	return plan.Differs(e.Terms(), l.Terms())
}
