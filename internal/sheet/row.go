package sheet

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"refundctl/internal/diag"
	"refundctl/internal/refund"
)

// rowReader reads one row.
type rowReader struct {
	*Reader
	cells []string
	row   Row
}

// cell returns the cell in a field's column, or "".
func (r *rowReader) cell(field string) string {
	i, there := r.header.columns[field]
	if !there || i >= len(r.cells) {
		return ""
	}
	return Clean(r.cells[i])
}

func (r *rowReader) refuse(field, code, message, hint string) {
	r.report(Problem{Code: code, Field: field, Message: field + " " + message, Hint: hint})
}

// report adds a problem of this row.
func (r *rowReader) report(p Problem) {
	p.Row = r.row.Number
	r.row.Problems = append(r.row.Problems, r.Placed(p))
}

// width rejects rows that are cut off, and rows that an unquoted thousands separator has made longer.
func (r *rowReader) width() {
	have, want := len(r.cells), r.header.width()
	for have > want && Clean(r.cells[have-1]) == "" {
		have--
	}
	if have != want {
		r.report(Problem{Code: codeCells, Message: fmt.Sprintf("the row has %d cells, the header has %d", have, want),
			Hint: "put a cell that contains the separator in quotes, and give every row all its cells"})
	}
}

// totals are the words in the last row of a sheet if it is the total of the others.
var totals = []string{"total", "totals", "grandtotal", "subtotal", "sum"}

// parent reads what to refund.
func (r *rowReader) parent() {
	s := &r.row.Spec
	order, subscription, payment := r.id(fieldOrder), r.id(fieldSubscription), r.id(fieldPayment)
	switch {
	case order != "" && (subscription != "" || payment != ""):
		r.refuse(fieldOrder, codeParents, "is given together with a subscription or payment", "keep only the one to refund")
	case slices.Contains(totals, plain(order+subscription+payment)):
		r.report(Problem{Code: codeTotal, Message: "this row is the total of the others", Hint: "remove it from the sheet"})
	case order != "":
		s.Kind, s.ParentID = refund.Order, order
	case subscription != "":
		s.Kind, s.ParentID, s.PaymentID = refund.Subscription, subscription, payment
	case payment != "" && slices.Contains(r.options.Kinds, refund.Payment):
		s.Kind, s.ParentID = refund.Payment, payment
	default:
		r.refuse(r.firstParent(), codeRequired, "is empty", "write what to refund, or remove the row")
	}
}

// firstParent returns the first parent field that has a column.
func (r *rowReader) firstParent() string {
	parents := r.options.parents()
	if i := slices.IndexFunc(parents, func(f string) bool { _, there := r.header.columns[f]; return there }); i >= 0 {
		return parents[i]
	}
	return parents[0]
}

// refundID sets the refund_id: the sheet's, or one derived from the batch, the parent and the row's
// number among the rows of that parent.
func (r *rowReader) refundID() {
	s := &r.row.Spec
	own := r.id(fieldRefund)
	s.RefundID = own
	if s.ParentID == "" {
		return
	}
	if own == "" && r.options.Batch == "" {
		r.report(batchProblem(r.row.Number))
	}
	key := parentKey(*s)
	r.nth[key]++
	if own == "" {
		s.RefundID = derivedID(r.options.Batch, key, r.nth[key])
	}
}

func (r *rowReader) amount() {
	c := r.currency()
	text := strings.TrimPrefix(r.cell(fieldAmount), "'")
	if r.spreadsheetError(fieldAmount, text) {
		return
	}
	if r.split() {
		r.refuse(fieldAmount, codeCells, "seems to be split at its thousands separator", splitHint)
		return
	}
	amount, err := Amount(text, c)
	var wrong *AmountError
	if errors.As(err, &wrong) {
		r.refuse(fieldAmount, codeAmount, wrong.Problem, wrong.Hint)
	}
	r.row.Spec.Amount = amount
}

// texts reads the note, the speed and the type. The API has speeds and types in capitals.
func (r *rowReader) texts() {
	s := &r.row.Spec
	s.Note = strings.Clone(r.cell(fieldNote))
	r.spreadsheetError(fieldNote, s.Note)
	s.Speed = strings.ToUpper(r.cell(fieldSpeed))
	if s.Kind == refund.Payment {
		s.Type = strings.ToUpper(r.cell(fieldType))
		if s.Type == "" {
			s.Type = refund.MerchantInitiated
		}
	}
}

// The two halves of an amount whose thousands separator was taken for the separator of cells.
var (
	thousands = regexp.MustCompile(`^[^0-9]*[0-9]{1,3}$`)
	rest      = regexp.MustCompile(`^[0-9]{2,3}(\.[0-9]*)?$`)
)

const splitHint = "put an amount that contains a comma in quotes"

// split reports whether the cell to the right of the amount may be the rest of it, as in 1,149.75: then
// one rupee would be refunded instead of a thousand. A note to the right is always suspect. Another
// column is suspect only if the row is longer than the header, since the cells after a split amount
// have moved.
func (r *rowReader) split() bool {
	next := r.header.columns[fieldAmount] + 1
	note, noted := r.header.columns[fieldNote]
	suspect := noted && note == next || len(r.cells) > len(r.header.names)
	return suspect && r.table.csv.Comma == ',' && next < len(r.cells) &&
		rest.MatchString(Clean(r.cells[next])) && thousands.MatchString(r.cell(fieldAmount))
}

// label sets the labels of every row, the number of this one, and those of the sheet's own columns.
func (r *rowReader) label() {
	labels := maps.Clone(r.labels)
	labels[RowLabel] = strconv.Itoa(r.row.Number)
	for _, name := range r.header.labels {
		if text := r.cell(labelPrefix + name); text != "" && !r.spreadsheetError(labelPrefix+name, text) {
			labels[name] = strings.Clone(text)
		}
	}
	r.row.Spec.Labels = labels
}

// Shortened reports whether a cell is in scientific notation, in which a spreadsheet writes a long
// number. All but the first digits are lost.
func Shortened(cell string) bool { return exponent.MatchString(cell) }

var exponent = regexp.MustCompile(`^[0-9]([.,][0-9]*)?[eE][+-][0-9]+$`)

// id reads a cell as an id: text with its leading zeros, without the ' that marks it as text.
func (r *rowReader) id(field string) string {
	text := strings.TrimPrefix(r.cell(field), "'")
	switch {
	case r.spreadsheetError(field, text):
	case slices.Contains(noIDs, strings.ToLower(text)):
		r.refuse(field, codeDamaged, "is "+text+", which programs write for a missing id", "write the id, or clear the cell")
	case Shortened(text):
		r.refuse(field, codeDamaged, "was converted to scientific notation, and its last digits are lost",
			"format the column as text where the ids are still complete, and export the sheet again")
	case rounded(text):
		r.report(Problem{Severity: diag.Warning, Code: codeDamaged, Field: field,
			Message: field + " has more than 15 digits and ends in zeros: a spreadsheet may have rounded it", Hint: "compare it with the original"})
	}
	return strings.Clone(text)
}

// rounded reports whether a number has only zeros after its fifteenth digit, the last that a spreadsheet
// keeps.
func rounded(text string) bool {
	const kept = 15
	return len(text) > kept && strings.Trim(text, "0123456789") == "" && strings.Trim(text[kept:], "0") == ""
}

// spreadsheetErrors are what a cell contains if its formula fails.
var spreadsheetErrors = []string{"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#ERROR!", "#SPILL!"}

// missing are what programs write for a missing value. A cell has no quotes to say that the word itself
// is meant. noIDs are further such words, which are possible as a note but not as an id.
var (
	missing = []string{"null", "~", "nan", "undefined"}
	noIDs   = []string{"none", "true", "false"}
)

func (r *rowReader) spreadsheetError(field, text string) bool {
	switch {
	case slices.Contains(missing, strings.ToLower(text)):
		r.refuse(field, codeDamaged, "is "+text+", which programs write for a missing value", "clear the cell, or write the value")
	case slices.Contains(spreadsheetErrors, text) || text != "" && strings.Trim(text, "#") == "":
		r.refuse(field, codeDamaged, "contains a spreadsheet error: "+text[:min(len(text), 10)], "fix the formula or widen the column, then export the sheet again")
	default:
		return false
	}
	return true
}
