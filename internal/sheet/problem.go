package sheet

import (
	"cmp"
	"fmt"
	"slices"

	"refundctl/internal/diag"
)

// Problem is something that a person can correct, with its place in the sheet. Row and Column count from
// 1; 0 means the whole sheet or the whole row. An empty Severity means an error.
type Problem struct {
	Severity diag.Severity
	Code     string // stable
	Row      int
	Column   int
	Name     string // of the column
	Field    string // read from the column
	Message  string
	Hint     string
}

// The codes of problems. Problems of the manifest's rules have codes of their own.
const (
	codeAmount    = "amount"
	codeBatch     = "batch_required"
	codeCells     = "cells"
	codeChanged   = "changed"
	codeColumn    = "column"
	codeCurrency  = "currency"
	codeDamaged   = "damaged_by_spreadsheet"
	codeDiffers   = "differs"
	codeEmpty     = "empty_sheet"
	codeEncoding  = "encoding"
	codeParents   = "two_parents"
	codeRequired  = "required"
	codeSyntax    = "csv"
	codeTooLarge  = "sheet_too_large"
	codeTotal     = "total_row"
	codeTwice     = "duplicate_refund_id"
	codeSuspected = "duplicate_suspected"
	codeVanished  = "vanished"
)

// Error returns the place and the message.
func (p *Problem) Error() string { return p.Place() + ": " + p.Message }

// IsError reports whether the row cannot become a refund.
func (p Problem) IsError() bool { return p.Severity != diag.Warning }

// Place returns where the problem is, in the spreadsheet's terms: row 7, column C (Amount).
func (p Problem) Place() string {
	switch {
	case p.Row == 0:
		return "the sheet"
	case p.Column == 0:
		return fmt.Sprintf("row %d", p.Row)
	case p.Name == "":
		return fmt.Sprintf("row %d, column %s", p.Row, Letter(p.Column))
	}
	return fmt.Sprintf("row %d, column %s (%s)", p.Row, Letter(p.Column), p.Name)
}

// Letter returns the spreadsheet's letters for a column, counted from 1: A, Z, AA.
func Letter(column int) string {
	text := ""
	for ; column > 0; column = (column - 1) / 26 {
		text = string(rune('A'+(column-1)%26)) + text
	}
	return text
}

// Sort orders problems by row and column.
func Sort(problems []Problem) {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Message, b.Message))
	})
}

// NoRows warns of a sheet that has only a header.
func NoRows() Problem {
	return Problem{Severity: diag.Warning, Code: codeEmpty, Message: "there are no rows below the header", Hint: "check that you exported the right sheet of the workbook"}
}
