package view

import (
	"slices"
	"strings"

	"refundctl/internal/diag"
	"refundctl/internal/refund"
	"refundctl/plan"
)

// calm orders the actions of rows that are not pressing. A failed row is one of them where another
// one supersedes it.
var calm = []plan.Action{plan.Create, plan.Pending, plan.Held, plan.Failed, plan.Unmanaged, plan.Orphaned, plan.InSync}

// worthSeeing tells whether a row is more than a number in the summary.
func worthSeeing(c plan.Change) bool { return c.Action != plan.InSync || len(c.Attention) > 0 }

// split parts a list, in its order, into what meets the condition and the rest.
func split[T any](all []T, meets func(T) bool) (with, without []T) {
	for _, one := range all {
		if meets(one) {
			with = append(with, one)
		} else {
			without = append(without, one)
		}
	}
	return with, without
}

// lookFirst is how many refunds are pressing, as a sentence; empty for none.
func lookFirst(changes []plan.Change) string {
	n := 0
	for i := range changes {
		if changes[i].Pressing() {
			n++
		}
	}
	switch n {
	case 0:
		return ""
	case 1:
		return "1 refund needs a person or is in doubt"
	}
	return count(n, "refund") + " need a person or are in doubt"
}

// totalsOrder has what would be sent first: it is what a reviewer looks for.
func totalsOrder() []plan.Action {
	others := slices.DeleteFunc(slices.Clone(plan.Actions), func(a plan.Action) bool { return a == plan.Create })
	return append([]plan.Action{plan.Create}, others...)
}

// label is an action's sign and word, which always stand together.
func label(a plan.Action) string { return string(a) + " " + a.String() }

func rowID(c plan.Change) string {
	if c.ID.RefundID == "" {
		return "(no refund_id)"
	}
	return Escape(c.ID.RefundID)
}

func where(place diag.Place) string {
	return diag.Place{File: place.File, Line: place.Line}.String()
}

// fact is a field of a refund under the API's or the manifest's name.
type fact struct{ Name, Value string }

// identifying are the facts without which a row may not be recognised.
func identifying(c plan.Change) []fact {
	var facts []fact
	if c.ID.Kind == refund.Subscription {
		facts = append(facts, fact{"payment_id", c.PaymentID})
	}
	if c.Action == plan.Unmanaged && c.Live != nil {
		facts = append(facts, fact{"cf_refund_id", c.Live.CfRefundID}, fact{"refund_type", c.Live.Type}, fact{"refund_note", c.Live.Note})
	}
	return told(facts)
}

// asked are the facts that a reviewer checks: what the manifest wants of this refund.
func asked(c plan.Change) []fact {
	facts := identifying(c)
	if s := c.Spec; s != nil {
		facts = append(facts, fact{"refund_note", s.Note}, fact{"refund_speed", s.Speed}, fact{"refund_type", s.Type},
			fact{"not_duplicate_of", strings.Join(s.NotDuplicateOf, ", ")}, fact{"supersedes", s.Supersedes})
		if len(s.Splits) > 0 {
			facts = append(facts, fact{"refund_splits", shares(s.Splits)})
		}
	}
	return told(facts)
}

// told leaves out what has no value.
func told(facts []fact) []fact {
	return slices.DeleteFunc(facts, func(f fact) bool { return f.Value == "" })
}

// parents yields the rows of one parent after another.
func parents(changes []plan.Change) func(yield func([]plan.Change) bool) {
	return func(yield func([]plan.Change) bool) {
		for start := 0; start < len(changes); {
			end := start + 1
			for end < len(changes) && changes[end].ID.Parent == changes[start].ID.Parent {
				end++
			}
			if !yield(changes[start:end:end]) {
				return
			}
			start = end
		}
	}
}

// standing is what is known of a parent's money: "captured ₹1,000.00", "live refunds ₹10.00".
func standing(read plan.ParentRead) []string {
	var texts []string
	switch {
	case !read.Facts.Known:
	case read.Facts.Captured.Minor == 0: // in no currency
		texts = append(texts, "nothing captured")
	default:
		texts = append(texts, "captured "+read.Facts.Captured.Human())
	}
	switch {
	case read.Err != nil:
		texts = append(texts, "not read: "+read.Err.Error())
	case read.Partial:
		texts = append(texts, "refunds made elsewhere are not seen")
	case read.Good():
		texts = append(texts, living(read))
	}
	return texts
}

// living is the live money of a parent, as a person reads it.
func living(read plan.ParentRead) string {
	sum := read.LiveMoney()
	if sum.Count == 0 {
		return "no live refunds"
	}
	return "live refunds " + sums(sum)
}
