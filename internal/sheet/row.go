package sheet

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"refundctl/internal/diag"
	"refundctl/internal/refund"
)

// rowReader is one row while it is read.
type rowReader struct {
	*Reader
	cells []string
	row   Row
}

// cell is what a field's column holds; empty where there is none.
func (r *rowReader) cell(field string) string {
	i, there := r.header.columns[field]
	if !there || i >= len(r.cells) {
		return ""
	}
	return Clean(r.cells[i])
}

func (r *rowReader) refuse(field, code, message, hint string) {
	r.tell(Problem{Code: code, Field: field, Message: field + " " + message, Hint: hint})
}

// tell adds a problem of this row.
func (r *rowReader) tell(p Problem) {
	p.Row = r.row.Number
	r.row.Problems = append(r.row.Problems, r.Placed(p))
}

// width refuses rows that are cut off, and those that an unquoted thousands mark has made longer.
func (r *rowReader) width() {
	have, want := len(r.cells), r.header.width()
	for have > want && Clean(r.cells[have-1]) == "" {
		have--
	}
	if have != want {
		r.tell(Problem{Code: codeCells, Message: fmt.Sprintf("the row has %d cells, the header %d", have, want),
			Hint: "put a cell that holds the separator in quotes; end no row early"})
	}
}

// totals are what the last row of a sheet says where it adds up the others.
var totals = []string{"total", "totals", "grandtotal", "subtotal", "sum"}

// parent reads what is refunded.
func (r *rowReader) parent() {
	s := &r.row.Spec
	order, subscription, payment := r.id(fieldOrder), r.id(fieldSubscription), r.id(fieldPayment)
	switch {
	case order != "" && (subscription != "" || payment != ""):
		r.refuse(fieldOrder, codeParents, "stands beside a subscription or payment", "keep the one that is refunded")
	case slices.Contains(totals, plain(order+subscription+payment)):
		r.tell(Problem{Code: codeTotal, Message: "this row adds up the others", Hint: "take it out of the sheet"})
	case order != "":
		s.Kind, s.ParentID = refund.Order, order
	case subscription != "":
		s.Kind, s.ParentID, s.PaymentID = refund.Subscription, subscription, payment
	case payment != "" && slices.Contains(r.options.Kinds, refund.Payment):
		s.Kind, s.ParentID = refund.Payment, payment
	default:
		r.refuse(r.firstParent(), codeRequired, "is empty", "say what is refunded, or take the row out")
	}
}

// firstParent is the parent's field that the sheet has.
func (r *rowReader) firstParent() string {
	parents := r.options.parents()
	if i := slices.IndexFunc(parents, func(f string) bool { _, there := r.header.columns[f]; return there }); i >= 0 {
		return parents[i]
	}
	return parents[0]
}

// refundID is the sheet's own, or one made of the batch, the parent and the row's number among the
// rows of that parent.
func (r *rowReader) refundID() {
	s := &r.row.Spec
	own := r.id(fieldRefund)
	s.RefundID = own
	if s.ParentID == "" {
		return
	}
	if own == "" && r.options.Batch == "" {
		r.tell(batchProblem(r.row.Number))
	}
	key := parentKey(*s)
	r.nth[key]++
	if own == "" {
		s.RefundID = madeID(r.options.Batch, key, r.nth[key])
	}
}

func (r *rowReader) amount() {
	c := r.currency()
	text := strings.TrimPrefix(r.cell(fieldAmount), "'")
	if r.spreadsheetError(fieldAmount, text) {
		return
	}
	if r.torn() {
		r.refuse(fieldAmount, codeCells, "looks cut by the separator within it", tornHint)
		return
	}
	amount, err := Amount(text, c)
	var wrong *AmountError
	if errors.As(err, &wrong) {
		r.refuse(fieldAmount, codeAmount, wrong.Problem, wrong.Hint)
	}
	r.row.Spec.Amount = amount
}

// words reads what is text. Speeds and types are written in capitals for the API.
func (r *rowReader) words() {
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

// The two halves of an amount whose thousands mark was taken for the separator.
var (
	thousands = regexp.MustCompile(`^[^0-9]*[0-9]{1,3}$`)
	rest      = regexp.MustCompile(`^[0-9]{2,3}(\.[0-9]*)?$`)
)

const tornHint = "put an amount that holds a comma in quotes"

// torn tells whether the cell right of the amount may be its end: then a rupee stands for a thousand. A
// note may always be; of another column only a row that is longer than the header raises the suspicion,
// since all cells behind such an amount have moved.
func (r *rowReader) torn() bool {
	next := r.header.columns[fieldAmount] + 1
	note, noted := r.header.columns[fieldNote]
	suspect := noted && note == next || len(r.cells) > len(r.header.names)
	return suspect && r.table.csv.Comma == ',' && next < len(r.cells) &&
		rest.MatchString(Clean(r.cells[next])) && thousands.MatchString(r.cell(fieldAmount))
}

func (r *rowReader) label() {
	var own map[string]string
	for _, name := range r.header.labels {
		text := r.cell(labelPrefix + name)
		if text == "" || r.spreadsheetError(labelPrefix+name, text) {
			continue
		}
		if own == nil {
			own = map[string]string{}
			maps.Copy(own, r.labels)
		}
		own[name] = strings.Clone(text)
	}
	if own != nil {
		r.row.Spec.Labels = own
	}
}

// Shortened tells whether a cell is what a spreadsheet makes of a long number: the digits behind the
// first few are lost.
func Shortened(cell string) bool { return exponent.MatchString(cell) }

var exponent = regexp.MustCompile(`^[0-9]([.,][0-9]*)?[eE][+-][0-9]+$`)

// id is a cell as an id: text, with its leading zeros, without the ' that made it text.
func (r *rowReader) id(field string) string {
	text := strings.TrimPrefix(r.cell(field), "'")
	switch {
	case r.spreadsheetError(field, text):
	case slices.Contains(noIDs, strings.ToLower(text)):
		r.refuse(field, codeDamaged, "is "+text+", which programs write for a missing id", "write the id, or empty the cell")
	case Shortened(text):
		r.refuse(field, codeDamaged, "was turned into a number with an exponent, and its last digits are lost",
			"format the column as text where the ids are whole, and export the sheet again")
	case rounded(text):
		r.tell(Problem{Severity: diag.Warning, Code: codeDamaged, Field: field,
			Message: field + " has more than 15 digits and ends in zeros, as where a spreadsheet rounded it", Hint: "compare it with the order"})
	}
	return strings.Clone(text)
}

// rounded tells whether a number has only zeros behind its fifteenth digit, the last that a
// spreadsheet keeps.
func rounded(text string) bool {
	const kept = 15
	return len(text) > kept && strings.Trim(text, "0123456789") == "" && strings.Trim(text[kept:], "0") == ""
}

// spreadsheetErrors are what a cell shows whose formula fails.
var spreadsheetErrors = []string{"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#ERROR!", "#SPILL!"}

// missing are what programs write for a value that is not there: a cell has no quotes to say that the
// word itself is meant. noIDs are such words that a note may be, but no id.
var (
	missing = []string{"null", "~", "nan", "undefined"}
	noIDs   = []string{"none", "true", "false"}
)

func (r *rowReader) spreadsheetError(field, text string) bool {
	switch {
	case slices.Contains(missing, strings.ToLower(text)):
		r.refuse(field, codeDamaged, "is "+text+", which programs write for a value that is missing", "empty the cell, or write what is meant")
	case slices.Contains(spreadsheetErrors, text) || text != "" && strings.Trim(text, "#") == "":
		r.refuse(field, codeDamaged, "shows a spreadsheet's error: "+text[:min(len(text), 10)], "mend the formula or widen the column, and export the sheet again")
	default:
		return false
	}
	return true
}
