package reconcile

import (
	"strings"

	"refundctl/internal/sheet"
)

// separator is the one with which a row at the head of the file names columns: titles may stand above it.
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

// letters are what counts of a column's name: of refund_details.refund_id and of Refund ID refundid.
func letters(name string) string {
	name = plain(name)
	if _, field, nested := strings.Cut(name, "."); nested && strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz_.") == "" && field != "" {
		name = field
	}
	return sheet.Letters(name)
}

// plain is a cell without what protects it from a spreadsheet. The words for nothing are nothing.
func plain(cell string) string {
	cell = strings.TrimPrefix(sheet.Clean(cell), "'")
	switch strings.ToLower(strings.TrimRight(cell, ",")) {
	case "null", "nil", "na", "n/a", "-", "--", "none":
		return ""
	}
	return strings.Clone(cell) // so that a line does not hold all of its row
}
