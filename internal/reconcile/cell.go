package reconcile

import (
	"strings"

	"refundctl/internal/sheet"
)

// separator returns the separator with which one of the first rows names columns. Titles may come before it.
func separator(head []byte, names func(cells []string) bool) rune {
	for line := range strings.Lines(string(head)) {
		for _, c := range sheet.Separators {
			if names(strings.Split(line, string(c))) {
				return c
			}
		}
	}
	return ','
}

// letters returns what counts of a column's name: refundid for both refund_details.refund_id and Refund ID.
func letters(name string) string {
	name = cellText(name)
	if _, field, nested := strings.Cut(name, "."); nested && strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz_.") == "" && field != "" {
		name = field
	}
	return sheet.Letters(name)
}

// cellText returns a cell without what protects it from a spreadsheet. Words for nothing, such as NULL, are
// empty.
func cellText(cell string) string {
	cell = strings.TrimPrefix(sheet.Clean(cell), "'")
	switch strings.ToLower(strings.TrimRight(cell, ",")) {
	case "null", "nil", "na", "n/a", "-", "--", "none":
		return ""
	}
	return strings.Clone(cell) // so that a line does not keep its whole row in memory
}
