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

// apiSays prints the details of a refund under a line of their own, since their names are long.
func (p *printer) apiSays(d *refund.Details) {
	fields := details(d)
	if len(fields) == 0 {
		return
	}
	p.line("  the API says")
	width := 0
	for _, f := range fields {
		width = max(width, len(f.name))
	}
	t := fieldTable(width)
	for _, f := range fields {
		p.row(&t, cell{text: Escape(f.name)}, cell{text: Escape(f.text)})
	}
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
		p.hang(p.paint(magenta, "attention:")+" ", 2, fmt.Sprintf("refund %s (%s %s) %s may be waiting for you; the API says: %s",
			Escape(e.ID.RefundID), Escape(string(e.ID.Kind)), Escape(e.ID.ID), Escape(e.Amount.Human()), Escape(e.Details.Description)))
	}
	if more := len(asking) - mostDetailed; more > 0 {
		p.advice(0, count(more, "more refund")+" may be waiting for you; refundctl status --json lists them all.")
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
		p.advice(0, "The API reports more about "+count(more, "other refund")+"; refundctl status --json lists them all.")
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
