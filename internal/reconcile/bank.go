package reconcile

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"refundctl/internal/diag"
	"refundctl/internal/money"
	"refundctl/internal/sheet"
)

// Bank is what a settlement or bank file says about refunds.
type Bank struct {
	File   string
	Lines  []Line
	Others int // rows of other events: payments, settlements, disputes
	Unpaid int // rows of refunds that were not paid: PENDING, FAILED and the like
}

// Line is one row of money that went out for a refund or came back. An id that the file lacks is empty.
type Line struct {
	Row        int // in the file, from 1; the header counts
	RefundID   string
	CfRefundID string
	EventID    string // Cashfree's id of a settlement event
	ARN        string // or UTR
	ParentID   string
	Date       string // as written in the file
	Amount     money.Amount
	Back       bool // the money came back
}

func (l Line) signed() money.Amount {
	if l.Back {
		return money.Amount{Minor: -l.Amount.Minor, Currency: l.Amount.Currency}
	}
	return l.Amount
}

// fields are the parts of a line, each with the names of its column, the preferred name first. Only
// letters and digits of a name count.
var fields = []struct {
	name    string
	columns []string
}{
	{"refund_id", []string{"refundid", "merchantrefundid"}},
	{"cf_refund_id", []string{"cfrefundid", "cashfreerefundid"}},
	{"event_id", []string{"eventid"}},
	{"arn", []string{"refundarn", "arn", "refundutr", "bankreference", "bankreferencenumber", "bankref", "bankrefno", "rrn", "utr", "utrnumber", "utrno"}},
	{"amount", []string{"refundamount", "eventamount", "amount", "amountinr", "refundamountinr"}},
	{"currency", []string{"refundcurrency", "eventcurrency", "currency"}},
	{"date", []string{"refundprocessedat", "processedat", "processedon", "eventtime", "date", "transactiondate", "valuedate", "settlementdate"}},
	{"order_id", []string{"orderid", "subscriptionid", "paymentid", "merchantorderid"}},
	{"event_type", []string{"eventtype"}},
	{"sale_type", []string{"saletype", "drcr", "crdr", "debitcredit", "creditdebit"}},
	{"status", []string{"eventstatus", "refundstatus", "status"}},
}

// Fields returns the names that a column can be mapped to.
func Fields() []string {
	names := make([]string, 0, len(fields))
	for _, f := range fields {
		names = append(names, f.name)
	}
	return names
}

// paidWords says which status words mean that a refund was paid. An unknown word is a problem: it does not
// count as paid, and skipping its row could hide a payment.
var paidWords = map[string]bool{
	"SUCCESS": true, "SUCCESSFUL": true, "PAID": true, "PROCESSED": true, "SETTLED": true, "COMPLETED": true,
	"PENDING": false, "ONHOLD": false, "INITIALIZED": false, "INITIATED": false, "CANCELLED": false, "CANCELED": false,
	"CANCEL": false, "FAILED": false, "REJECTED": false,
}

// maxProblems of a file are reported. A file with more is probably the wrong file.
const maxProblems = 20

// ReadBank reads a CSV file by the names of its columns. named maps fields to columns that have other
// names. A row that cannot be read without guessing is a diagnostic; then the lines must not be used.
func ReadBank(r io.Reader, file string, named map[string]string) (*Bank, []diag.Diagnostic, error) {
	b := &bankReader{bank: &Bank{File: file}, named: named}
	names := func(cells []string) bool { columns, _ := b.find(cells); return columns != nil }
	err := b.rows(r, func(head []byte) rune { return separator(head, names) })
	var problem *sheet.Problem
	switch {
	case errors.Is(err, sheet.ErrTooLarge):
		b.problem(0, 0, "too_large", "the file is "+err.Error(), "split it by month")
	case errors.As(err, &problem):
		b.problem(problem.Row, 0, "not_csv", problem.Message, problem.Hint)
	case err != nil:
		return nil, nil, fmt.Errorf("reading %s: %w", file, err)
	}
	b.end()
	return b.bank, b.problems, nil
}

// rows reads all rows, until there are maxProblems.
func (b *bankReader) rows(r io.Reader, separator func(head []byte) rune) error {
	t, err := sheet.OpenTable(r, separator)
	if err != nil {
		return err
	}
	for len(b.problems) < maxProblems {
		cells, row, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		b.row(cells, row)
	}
	return nil
}

type bankReader struct {
	bank     *Bank
	named    map[string]string
	columns  map[string]int // by field; nil before the header
	signs    [2]int         // if no column says the direction: the first row without and the first with a minus; 0 for none
	problems []diag.Diagnostic
}

func (b *bankReader) problem(row, column int, code, message, hint string) {
	b.problems = append(b.problems, diag.Diagnostic{Severity: diag.Error, Code: code, Message: message, Hint: hint,
		Place: diag.Place{File: b.bank.File, Line: row, Column: column}})
}

// end finds the problems that only the whole file shows.
func (b *bankReader) end() {
	switch {
	case len(b.problems) >= maxProblems:
		b.problem(0, 0, "too_many_problems", "the rest of the file was not read", "check that the file lists refunds")
	case len(b.problems) > 0:
	case b.columns == nil:
		b.problem(0, 0, "no_columns", "no row names the columns: an amount, and refund_id, cf_refund_id, event_id or arn"+b.unmapped(),
			"name them with --map, for example --map amount=Withdrawal --map arn=Ref")
	case b.signs[0] > 0 && b.signs[1] > 0:
		b.problem(b.signs[1], 0, "sign_unclear", fmt.Sprintf("the amount has a minus here and none in row %d, and no column says which money went out", b.signs[0]),
			"add a column sale_type with DEBIT for money that went out and CREDIT for money that came back")
	}
}

// unmapped lists the names given with --map: one of them may be misspelt.
func (b *bankReader) unmapped() string {
	var given []string
	for _, f := range fields {
		if name, has := b.named[f.name]; has {
			given = append(given, fmt.Sprintf("%s as %q", f.name, name))
		}
	}
	if len(given) == 0 {
		return ""
	}
	return "; looked for " + strings.Join(given, ", ")
}

func (b *bankReader) row(cells []string, row int) {
	if b.columns == nil {
		b.header(cells, row)
		return
	}
	get := func(field string) string {
		i, has := b.columns[field]
		if !has || i >= len(cells) {
			return ""
		}
		return cellText(cells[i])
	}
	if !slices.ContainsFunc(cells, func(c string) bool { return cellText(c) != "" }) || b.skips(get, row) {
		return
	}
	l := Line{Row: row, RefundID: get("refund_id"), CfRefundID: get("cf_refund_id"), EventID: get("event_id"), ARN: get("arn"),
		ParentID: get("order_id"), Date: get("date")}
	for _, text := range []string{l.RefundID, l.CfRefundID, l.EventID, l.ARN} {
		if !utf8.ValidString(text) {
			b.problem(row, 0, "not_utf8", "an id is not UTF-8", "export the file again as CSV in UTF-8")
			return
		}
	}
	if b.amount(get, &l) {
		b.bank.Lines = append(b.bank.Lines, l)
	}
}

// header accepts the first row that names enough columns. Reports may have titles above it.
func (b *bankReader) header(cells []string, row int) {
	columns, twice := b.find(cells)
	if columns == nil {
		return
	}
	b.columns = columns
	for _, f := range fields {
		i, has := columns[f.name]
		given, named := b.named[f.name]
		switch {
		case has && twice[letters(cells[i])] > 0:
			b.problem(row, twice[letters(cells[i])]+1, "column_twice", fmt.Sprintf("two columns are named %q", cellText(cells[i])), "rename one of them")
		case named && !has:
			b.problem(row, 0, "no_such_column", fmt.Sprintf("no column is named %q", given), "see the file's first row")
		}
	}
}

// find returns the column of each field, or nil if the amount or all ids are missing, and the last column of
// each name that occurs twice.
func (b *bankReader) find(cells []string) (columns, twice map[string]int) {
	at, twice := map[string]int{}, map[string]int{}
	for i, c := range cells {
		name := letters(c)
		if _, taken := at[name]; taken {
			twice[name] = i
			continue
		}
		at[name] = i
	}
	columns = map[string]int{}
	for _, f := range fields {
		names := f.columns
		if given, has := b.named[f.name]; has {
			names = []string{letters(given)}
		}
		for _, name := range slices.Backward(names) {
			if i, has := at[name]; has && name != "" {
				columns[f.name] = i
			}
		}
	}
	_, amount := columns["amount"]
	for _, id := range []string{"refund_id", "cf_refund_id", "event_id", "arn"} {
		if _, has := columns[id]; has && amount {
			return columns, twice
		}
	}
	return nil, nil
}

// skips reports whether a row is of another event, or of a refund that was not paid.
func (b *bankReader) skips(get func(string) string, row int) bool {
	if event := strings.ToUpper(get("event_type")); event != "" && !strings.Contains(event, "REFUND") {
		b.bank.Others++
		return true
	}
	status := get("status")
	if status == "" {
		return false
	}
	paid, known := paidWords[strings.ToUpper(letters(status))]
	switch {
	case !known:
		b.problem(row, b.columns["status"]+1, "unknown_status", fmt.Sprintf("the status %q does not say whether the refund was paid", status),
			"write SUCCESS or PENDING, or remove the row")
	case !paid:
		b.bank.Unpaid++
	}
	return !paid
}
