package view_test

import (
	"bytes"
	"strings"
	"testing"

	"refundctl/internal/diag"
	"refundctl/internal/edit"
	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/internal/sheet"
	"refundctl/internal/view"
)

func aSheet() view.SheetImport {
	return view.SheetImport{
		ImportedFile: view.ImportedFile{File: "refunds/\x1b[2J.yaml", Written: true}, Sheet: "june\x1b[2J.csv",
		SheetResult: edit.SheetResult{
			Rows: 3, Refused: 1, Added: money.Tally{Count: 2, Amounts: []money.Amount{{Minor: 12045000, Currency: money.INR}}},
			Ignored: []string{"Customer\u202e"},
			Problems: []sheet.Problem{
				{Code: "amount", Row: 2, Column: 28, Name: "Amt\x1b[2J", Message: "is\nbad", Hint: "write\x07"},
				{Severity: diag.Warning, Code: "differs", Row: 3, Message: "note", Hint: "edit"},
			},
		},
	}
}

// The text of a spreadsheet must not control a terminal.
func TestASheetsTextIsEscaped(t *testing.T) {
	var problems, shown bytes.Buffer
	if err := view.SheetProblems(&problems, aSheet(), view.Style{Width: 80}); err != nil {
		t.Fatal(err)
	}
	if err := view.SheetImported(&shown, aSheet(), view.Style{Width: 80}); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{problems.String(), shown.String()} {
		if strings.ContainsAny(text, "\x1b\x07\u202e") || strings.Contains(text, "\nbad") {
			t.Errorf("%q", text)
		}
	}
	for _, want := range []string{`june\x1b[2J.csv: row 2, column AB (Amt\x1b[2J): error: is\nbad [amount]`, "row 3: warning: note [differs]", "1 error, 1 warning"} {
		if !strings.Contains(problems.String(), want) {
			t.Errorf("%s\nwant %s", problems.String(), want)
		}
	}
	if want := "added      2  ₹1,20,450.00\nunchanged  0\nleft out   1\n"; !strings.HasPrefix(shown.String(), want) {
		t.Errorf("%s\nwant %s", shown.String(), want)
	}
}

// A sheet under another batch repeats every row: thousands of lines alike hide the one that matters.
func TestWarningsThatManyRowsShareAreOneLine(t *testing.T) {
	i := view.SheetImport{Sheet: "june.csv", SheetResult: edit.SheetResult{Warned: map[string]int{"twin": 250, "gone": 4, "note": 2}, More: 151}}
	for row := range 100 {
		i.Problems = append(i.Problems, sheet.Problem{Severity: diag.Warning, Code: "twin", Row: row + 2, Message: "as row 1", Hint: "see --batch"})
	}
	i.Problems[1] = sheet.Problem{Code: "amount", Row: 3, Message: "bad"}
	for n := 96; n < 100; n++ {
		i.Problems[n] = sheet.Problem{Severity: diag.Warning, Code: "gone", Message: "r_1 is away"}
	}
	i.Problems[50], i.Problems[51] = i.Problems[1], sheet.Problem{Severity: diag.Warning, Code: "note", Row: 9, Message: "odd"}
	var out bytes.Buffer
	if err := view.SheetProblems(&out, i, view.Style{}); err != nil {
		t.Fatal(err)
	}
	const want = `june.csv: rows 2, 4, 5, 6, 7 and 245 more: warning: as row 1, and so on [twin]
  hint: see --batch
june.csv: row 3: error: bad [amount]
june.csv: row 3: error: bad [amount]
june.csv: row 9: warning: odd [note]
june.csv: the sheet, 4 times: warning: r_1 is away, and so on [gone]
2 errors, 255 warnings
`
	if got := out.String(); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestALiveRefundsTextIsEscaped(t *testing.T) {
	var out bytes.Buffer
	i := view.LiveImport{LiveResult: edit.LiveResult{LeftOut: []edit.LeftOut{{OrderID: "o\x1b", Refund: &refund.Live{RefundID: "r\x1b", Status: "S\x1b"}, Code: "dead", Reason: "x\x1b"}}}}
	if err := view.LiveImported(&out, i, view.Style{Width: 80}); err != nil || strings.Contains(out.String(), "\x1b") {
		t.Errorf("%q, %v", out.String(), err)
	}
}

func TestSheetProblemsFitTheScreen(t *testing.T) {
	i := aSheet()
	i.Problems[0].Message = strings.Repeat("word ", 20)
	for _, width := range []int{40, 80} {
		var out bytes.Buffer
		if err := view.SheetProblems(&out, i, view.Style{Width: width}); err != nil {
			t.Fatal(err)
		}
		if lines := tooWide(out.String(), width); len(lines) > 0 {
			t.Errorf("at %d columns:\n%s", width, strings.Join(lines, "\n"))
		}
	}
}
