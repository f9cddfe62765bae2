package view

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"refundctl/internal/refund"
)

// details are the facts that the API reports about a refund, without those that it does not.
func details(d *refund.Details) []field {
	if d == nil {
		return nil
	}
	var fields []field
	for _, f := range d.List() {
		text := *f.Value
		if f.Value == &d.Metadata {
			text = metadata(text)
		}
		if text != "" {
			fields = append(fields, field{f.Name, text})
		}
	}
	return fields
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
