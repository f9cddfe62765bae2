package report

import (
	"cmp"
	"slices"

	"refundctl/internal/refund"
)

// DetailCount is a detail that the API reports about refunds, with its most frequent values.
type DetailCount struct {
	Name   string
	Values []ValueCount
	Others int // refunds with further values
}

// ValueCount is how many refunds have a value.
type ValueCount struct {
	Value   string
	Refunds int
}

// mostDetailValues is how many values of a detail are listed.
const mostDetailValues = 5

// countDetails counts the notable details of rows, in their usual order.
func countDetails(rows []*Row) []DetailCount {
	counts := map[string]map[string]int{}
	for _, r := range rows {
		for _, d := range r.Details.Notable(r.Status) {
			if counts[d.Name] == nil {
				counts[d.Name] = map[string]int{}
			}
			counts[d.Name][*d.Value]++
		}
	}
	var all []DetailCount
	for _, d := range new(refund.Details).List() {
		if values := counts[d.Name]; len(values) > 0 {
			all = append(all, detailCount(d.Name, values))
		}
	}
	return all
}

func detailCount(name string, values map[string]int) DetailCount {
	c := DetailCount{Name: name}
	for value, n := range values {
		c.Values = append(c.Values, ValueCount{value, n})
	}
	slices.SortFunc(c.Values, func(a, b ValueCount) int {
		return cmp.Or(cmp.Compare(b.Refunds, a.Refunds), cmp.Compare(a.Value, b.Value))
	})
	for len(c.Values) > mostDetailValues {
		last := len(c.Values) - 1
		c.Others += c.Values[last].Refunds
		c.Values = c.Values[:last]
	}
	return c
}
