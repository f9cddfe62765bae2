package view

import (
	"strings"

	"refundctl/internal/refund"
	"refundctl/internal/report"
	"refundctl/plan"
	"refundctl/state"
)

// outcome is what became of a refund, in the word that people read: "paid", "cancelled". The API's status
// follows if it adds something: "pending ONHOLD". The text is escaped.
func outcome(p state.Phase, s refund.Status) string {
	word := string(report.OutcomeOf(p, s))
	switch {
	case s == "", s == refund.Cancel, s == refund.Success && p == state.Settled, !p.Sent(), strings.EqualFold(word, string(s)):
		return Escape(word)
	}
	return Escape(word + " " + string(s))
}

// entryOutcome is the outcome of a refund in the ledger, and whether the API no longer lists it.
func entryOutcome(e state.Entry) string {
	word := outcome(e.Phase, e.Status)
	if e.Reversed() && e.Status != refund.Reversed {
		word = Escape(string(report.Reversed) + " " + string(e.Status))
	}
	if !e.MissingSince.IsZero() {
		word += ", missing"
	}
	return word
}

// liveOutcome is the outcome of a refund that the API reports with this status; empty for no status.
func liveOutcome(s refund.Status) string {
	if s == "" {
		return ""
	}
	return outcome(state.PhaseOf(s), s)
}

// statusOutcome is the outcome of the refunds that a report groups under a status of the API or a phase.
func statusOutcome(word string) string {
	if p := state.Phase(word); report.IsPhase(p) {
		return outcome(p, "")
	}
	return liveOutcome(refund.Status(word))
}

// outcomeOf is the outcome of a row's refund, live or remembered; empty if the API does not know it.
func outcomeOf(c plan.Change) string {
	switch {
	case c.Live != nil:
		return liveOutcome(c.Live.Status)
	case c.Entry != nil && c.Entry.Phase.Sent():
		return entryOutcome(*c.Entry)
	}
	return ""
}

// actionWord is the action of a row. A refund that was cancelled or reversed did not fail.
func actionWord(c plan.Change) string {
	word, _, _ := strings.Cut(outcomeOf(c), " ")
	if c.Action == plan.Failed && (word == string(report.Cancelled) || word == string(report.Reversed)) {
		return word
	}
	return c.Action.String()
}

// beside is what the outcome adds to the action, or what a held row would be without its hold.
func beside(c plan.Change) string {
	if c.WithoutHold != nil {
		return "without hold: " + released(*c.WithoutHold)
	}
	word, action := outcomeOf(c), actionWord(c)
	if word == action {
		return ""
	}
	return strings.TrimPrefix(word, action+" ")
}

// released is an action with the codes of its reasons: "blocked (over_refund)".
func released(r plan.Released) string {
	codes := make([]string, 0, len(r.Reasons))
	for _, why := range r.Reasons {
		codes = append(codes, Escape(why.Code))
	}
	if len(codes) == 0 {
		return r.Action.String()
	}
	return r.Action.String() + " (" + strings.Join(codes, ", ") + ")"
}

// verdict is the action with what the API says: "pending ONHOLD", or "held; without hold: create".
func verdict(c plan.Change) string {
	if c.WithoutHold != nil {
		return actionWord(c) + "; " + beside(c)
	}
	return strings.TrimRight(actionWord(c)+" "+beside(c), " ")
}
