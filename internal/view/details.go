package view

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"refundctl/internal/refund"
	"refundctl/state"
)

// details are the facts that the API reports about a refund, without those that it does not.
func details(d *refund.Details) []field {
	if d == nil {
		return nil
	}
	var fields []field
	for _, f := range d.List() {
		if text := detailText(f.Name, *f.Value); text != "" {
			fields = append(fields, field{f.Name, text})
		}
	}
	return fields
}

// detailText is a detail for people.
func detailText(name, value string) string {
	if name == "metadata" {
		return metadata(value)
	}
	return value
}

// mostDetailed is how many refunds are printed with their details.
const mostDetailed = 20

// asking prints the refunds whose description may ask the merchant for something.
func (p *printer) asking(waiting []state.Entry) {
	var asking []state.Entry
	for _, e := range waiting {
		if e.Details != nil && e.Details.MayAsk() {
			asking = append(asking, e)
		}
	}
	for _, e := range asking[:min(len(asking), mostDetailed)] {
		p.hang(p.paint(magenta, "attention:")+" ", 2, fmt.Sprintf("refund %s (%s %s) %s may wait for you; the API says: %s",
			Escape(e.ID.RefundID), Escape(string(e.ID.Kind)), Escape(e.ID.ID), Escape(e.Amount.Human()), Escape(e.Details.Description)))
	}
	if more := len(asking) - mostDetailed; more > 0 {
		p.advice(0, "And "+count(more, "more refund")+" of which the API says something that may wait for you; refundctl status --json has all.")
	}
}

// notable prints what else the API reports about the refunds.
func (p *printer) notable(entries []state.Entry) {
	printed := 0
	for _, e := range entries {
		var texts []string
		for _, d := range e.Details.Notable(e.Status) {
			if d.Name != "status_description" { // asking prints it
				texts = append(texts, d.Name+" "+detailText(d.Name, *d.Value))
			}
		}
		switch {
		case len(texts) == 0:
			continue
		case printed < mostDetailed:
			p.hang(Escape(e.ID.RefundID)+": ", 2, Escape(strings.Join(texts, " · ")))
		}
		printed++
	}
	if more := printed - mostDetailed; more > 0 {
		p.advice(0, "The API reports more about "+count(more, "further refund")+"; refundctl status --json has all.")
	}
}

// metadata are name=value, as labels are. What is not an object stays as it is.
func metadata(text string) string {
	var pairs map[string]string
	if json.Unmarshal([]byte(text), &pairs) != nil {
		return text
	}
	texts := make([]string, 0, len(pairs))
	for _, name := range slices.Sorted(maps.Keys(pairs)) {
		texts = append(texts, name+"="+pairs[name])
	}
	return strings.Join(texts, "; ")
}
