package view

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"refundctl/plan"
)

// agenda is a plan in the order in which a reviewer reads it: what needs a person or is in doubt, what would be
// sent, what is held, and the rest.
type agenda struct {
	pressing, creates, held []*plan.Change
	others                  []others
}

// others is the rows of one action that need no review. They take one line unless the reader asks for all.
type others struct {
	action plan.Action
	rows   []*plan.Change
}

// otherActions is their order. The failed rows among them are superseded.
var otherActions = []plan.Action{plan.Pending, plan.Failed, plan.Unmanaged, plan.Orphaned, plan.InSync}

func agendaOf(p *plan.Plan) agenda {
	var all agenda
	of := map[plan.Action][]*plan.Change{}
	for i := range p.Changes {
		switch c := &p.Changes[i]; {
		case c.Pressing():
			all.pressing = append(all.pressing, c)
		case c.Action == plan.Create:
			all.creates = append(all.creates, c)
		case c.Action == plan.Held:
			all.held = append(all.held, c)
		default:
			of[c.Action] = append(of[c.Action], c)
		}
	}
	for _, a := range otherActions {
		if len(of[a]) > 0 {
			all.others = append(all.others, others{a, of[a]})
		}
	}
	return all
}

// fewHeld is how many held rows are listed. More of them take one line.
const fewHeld = 10

// fold moves many held rows to the rows that take one line.
func (all agenda) fold() agenda {
	if len(all.held) > fewHeld {
		all.others = append([]others{{plan.Held, all.held}}, all.others...)
		all.held = nil
	}
	return all
}

// word is the action. Superseded rows are not counted as failed.
func (o others) word() string {
	if o.action == plan.Failed {
		return "superseded"
	}
	return o.action.String()
}

// about says what a reader should know of rows that are not listed; it may be empty.
func (o others) about() string {
	switch o.action {
	case plan.Held:
		return "without hold: " + tallied(o.rows, func(c *plan.Change) []string {
			if c.WithoutHold == nil {
				return nil
			}
			return []string{released(*c.WithoutHold)}
		})
	case plan.Failed:
		return "replaced by another row"
	case plan.Unmanaged:
		return "live, in no manifest"
	case plan.Orphaned:
		return "sent, no longer in a manifest"
	}
	asked := o.asked()
	remarks := tallied(o.rows, func(c *plan.Change) []string {
		codes := make([]string, 0, len(c.Reasons)+len(c.Attention))
		for _, r := range slices.Concat(c.Reasons, c.Attention) {
			code := Escape(r.Code)
			if r.Code == plan.AsksMerchant && len(asked) <= examples {
				code += " (" + Escape(r.Message) + ")"
			}
			codes = append(codes, code)
		}
		return codes
	})
	if remarks != "" {
		remarks = "remarks: " + remarks
	}
	return remarks
}

// asked is the set of what the API asks the merchant for.
func (o others) asked() map[string]bool {
	all := map[string]bool{}
	for _, c := range o.rows {
		for _, r := range c.Attention {
			if r.Code == plan.AsksMerchant {
				all[r.Message] = true
			}
		}
	}
	return all
}

// tallied counts how many rows have each text: "12 create, 3 blocked (over_refund)".
func tallied(rows []*plan.Change, texts func(*plan.Change) []string) string {
	counts := map[string]int{}
	for _, c := range rows {
		for _, text := range texts(c) {
			counts[text]++
		}
	}
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(counts[b]-counts[a], cmp.Compare(a, b)) })
	for i, key := range keys {
		keys[i] = grouped(counts[key]) + " " + key
	}
	return strings.Join(keys, ", ")
}

// sumOf counts rows and adds up their money.
func sumOf(rows []*plan.Change) plan.Tally {
	var t plan.Tally
	for _, c := range rows {
		t.Add(c.Amount)
	}
	return t
}

// cause is the pressing rows that have one action for the same reasons.
type cause struct {
	action plan.Action
	codes  string
	rows   []*plan.Change
}

// causesOf groups pressing rows, in the order of actions, the most frequent reasons first.
func causesOf(rows []*plan.Change) []cause {
	type key struct {
		action plan.Action
		codes  string
	}
	of := map[key]int{}
	var all []cause
	for _, c := range rows {
		k := key{c.Action, codesOf(c)}
		at, known := of[k]
		if !known {
			at = len(all)
			of[k] = at
			all = append(all, cause{c.Action, k.codes, nil})
		}
		all[at].rows = append(all[at].rows, c)
	}
	slices.SortStableFunc(all, func(a, b cause) int {
		return cmp.Or(slices.Index(plan.Actions, a.action)-slices.Index(plan.Actions, b.action), len(b.rows)-len(a.rows), cmp.Compare(a.codes, b.codes))
	})
	return all
}

func codesOf(c *plan.Change) string {
	codes := make([]string, 0, len(c.Reasons))
	for _, r := range c.Reasons {
		codes = append(codes, Escape(r.Code))
	}
	return strings.Join(slices.Compact(codes), ", ")
}

// examples is how many rows a cause names.
const examples = 3

// alsoOf names a cause's rows after the first one: "also r_2, r_3 and 2,987 more"; empty for a single row.
func (g cause) alsoOf() string {
	others := g.rows[1:]
	if len(others) == 0 {
		return ""
	}
	named := make([]string, 0, examples)
	for _, c := range others[:min(examples-1, len(others))] {
		named = append(named, rowID(*c))
	}
	text := "also " + strings.Join(named, ", ")
	if more := len(others) - len(named); more > 0 {
		text += " and " + grouped(more) + " more"
	}
	return text
}

// largest returns the row with the most money in each currency, by currency.
func largest(rows []*plan.Change) []*plan.Change {
	var most []*plan.Change
	for _, c := range rows {
		at := slices.IndexFunc(most, func(m *plan.Change) bool { return m.Amount.Currency == c.Amount.Currency })
		switch {
		case at < 0:
			most = append(most, c)
		case c.Amount.Minor > most[at].Amount.Minor:
			most[at] = c
		}
	}
	slices.SortFunc(most, func(a, b *plan.Change) int { return cmp.Compare(a.Amount.Currency, b.Amount.Currency) })
	return most
}

// fewCreates is how many rows to send a reader sees at a glance.
const fewCreates = 5

// sendTitle sums up what would be sent, and names the largest amounts of many.
func sendTitle(rows []*plan.Change) string {
	return count(len(rows), "refund") + " to send, " + briefly(sumOf(rows)) + largestOf(rows)
}

// largestOf names the largest of many rows, in each currency, as the end of a sentence.
func largestOf(rows []*plan.Change) string {
	if len(rows) <= fewCreates {
		return ""
	}
	most := largest(rows)
	named := make([]string, 0, len(most))
	for _, c := range most {
		named = append(named, Escape(c.Amount.Human())+" ("+rowID(*c)+" of "+Escape(string(c.ID.Kind))+" "+Escape(c.ID.ID)+")")
	}
	return "; the largest: " + shorten(strings.Join(named, ", "), longest)
}
