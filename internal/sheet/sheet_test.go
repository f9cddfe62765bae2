package sheet_test

import (
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"refundctl/internal/refund"
	"refundctl/internal/sheet"
)

// cashfree returns the options of most tests.
func cashfree(batch string) sheet.Options {
	return sheet.Options{Account: "default", Kinds: []refund.Kind{refund.Order, refund.Subscription}, Batch: batch, Columns: map[string]string{}}
}

// rowsOf reads a whole sheet and returns its rows, or the problems of the sheet as a whole.
func rowsOf(t testing.TB, text string, o sheet.Options) (rows []sheet.Row, whole []sheet.Problem) {
	t.Helper()
	r, whole, err := sheet.Open(strings.NewReader(text), o)
	if err != nil {
		t.Fatal(err)
	}
	for len(whole) == 0 {
		row, err := r.Next()
		var problem *sheet.Problem
		switch {
		case errors.Is(err, io.EOF):
			return rows, nil
		case errors.As(err, &problem):
			return rows, []sheet.Problem{*problem}
		case err != nil:
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	return nil, whole
}

// said returns the problems of a sheet, one a line: place, message and code.
func said(t testing.TB, text string, o sheet.Options) string {
	t.Helper()
	rows, whole := rowsOf(t, text, o)
	var b strings.Builder
	for _, r := range rows {
		whole = append(whole, r.Problems...)
	}
	for _, p := range whole {
		b.WriteString(p.Place() + ": " + p.Message + " [" + p.Code + "]\n")
	}
	return b.String()
}

func wantSaid(t *testing.T, text string, o sheet.Options, want ...string) {
	t.Helper()
	got := said(t, text, o)
	if len(want) == 0 && got != "" {
		t.Errorf("%s\nsays\n%s", text, got)
	}
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("%s\nsays\n%swant %s", text, got, w)
		}
	}
}

// only returns the spec of a sheet with one good row.
func only(t *testing.T, text string, o sheet.Options) refund.Spec {
	t.Helper()
	rows, whole := rowsOf(t, text, o)
	if len(whole) > 0 || len(rows) != 1 || rows[0].Failed() {
		t.Fatalf("%s\nsays\n%s", text, said(t, text, o))
	}
	return rows[0].Spec
}

func TestColumns_AreFoundByTheirUsualNames(t *testing.T) {
	for field, names := range map[string][]string{
		"order": {"order_id", "Order ID", "ORDER ID", "order-id", "OrderId", "Order", "Order No", "Order No.", "order number", "Order #", "merchant_order_id",
			"Merchant Order Id", "Order Reference", " order id "},
		"amount": {"refund_amount", "Refund Amount", "amount", "Amount (INR)", "refund_amount (INR)", "Refund Amount (₹)", "Amount in Rs.", "Amount INR",
			"Refund Amt", "Amount to refund", "AMOUNT [Rs]", "Amount ( in Rupees )", "Amount (Rs.)", "Amount (to refund)", "Refund Amount (approved)"},
		"refund": {"refund_id", "Refund ID", "refund no", "Merchant Refund ID"},
		"note":   {"refund_note", "Note", "notes", "Reason", "Refund Reason", "Remarks", "remark", "Comments", "Reason for refund"},
		"speed":  {"refund_speed", "Speed", "Refund Speed"},
	} {
		for _, name := range names {
			header := map[string]string{"order": "order_id", "amount": "refund_amount", "refund": "refund_id", "note": "refund_note", "speed": "refund_speed"}
			header[field] = name
			text := strings.Join([]string{header["order"], header["amount"], header["refund"], header["note"], header["speed"]}, ",") +
				"\norder_1,12.50,r_1,Size exchange,standard\n"
			s := only(t, text, cashfree(""))
			if s.Kind != refund.Order || s.ParentID != "order_1" || s.RefundID != "r_1" || s.Amount.String() != "12.50" || s.Note != "Size exchange" || s.Speed != "STANDARD" {
				t.Errorf("%s as %q: %+v", field, name, s)
			}
		}
	}
}

// A name that is used for other things must not become an amount or an id.
func TestColumns_SimilarNamesAreNotTaken(t *testing.T) {
	for _, name := range []string{"Order Amount", "Amount (USD)", "Amount (paise)", "Amount (€)", "Amount (paid)", "Amt [captured in Rs]", "Amount (incl. GST)", "Amount (order)", "Refunded", "Order Total", "Refund"} {
		wantSaid(t, "order_id,refund_id,"+name+"\no_1,r_1,1\n", cashfree(""), "row 1: there is no column for refund_amount [column]")
	}
	for _, name := range []string{"cf_order_id", "CF Order ID", "Order Date", "Customer"} {
		wantSaid(t, name+",refund_id,amount\no_1,r_1,1\n", cashfree(""), "row 1: there is no column for order_id [column]")
	}
	wantSaid(t, "order_id,cf_refund_id,amount\no_1,1234,1\n", cashfree(""), "refund_id is missing [batch_required]")
}

// Beside a column with the amount to refund, a bare Amount is what was paid.
func TestColumns_ABareAmountBesideARefundNeedsAChoice(t *testing.T) {
	for _, name := range []string{"Refund", "To refund", "Refunded", "Amount refunded", "Approved Refund (INR)", "Net refund value", "Refund due"} {
		text := "order_id,refund_id,Amount," + name + "\norder_1,r_1,100,12.50\n"
		wantSaid(t, text, cashfree(""), "columns C (Amount) and D ("+name+") can both be refund_amount [column]")
		o := cashfree("")
		o.Columns["refund_amount"] = "D"
		if got := only(t, text, o).Amount.String(); got != "12.50" {
			t.Errorf("%s: %s", name, got)
		}
	}
	for _, name := range []string{"Refund date", "Refund status", "Refunded by", "Refund mode", "Order Amount"} {
		wantSaid(t, "order_id,refund_id,Amount,"+name+"\norder_1,r_1,100,x\n", cashfree(""))
	}
	wantSaid(t, "order_id,refund_id,Refund Amount,Refunded\norder_1,r_1,100,x\n", cashfree(""))
}

func TestColumns_TwoForOneFieldNeedAChoice(t *testing.T) {
	text := "order_id,refund_id,Amount,Refund Amount\norder_1,r_1,100,12.50\n"
	wantSaid(t, text, cashfree(""), "row 1, column D (Refund Amount): columns C (Amount) and D (Refund Amount) can both be refund_amount [column]")
	for column, want := range map[string]string{"Amount": "100.00", "refund amount": "12.50", "D": "12.50"} {
		o := cashfree("")
		o.Columns["refund_amount"] = column
		if got := only(t, text, o).Amount.String(); got != want {
			t.Errorf("with %q the amount is %s, want %s", column, got, want)
		}
	}
	twice := "order_id,refund_id,Amount,Amount\norder_1,r_1,100,12.50\n"
	wantSaid(t, twice, cashfree(""), "can both be refund_amount")
	o := cashfree("")
	o.Columns["refund_amount"] = "Amount"
	wantSaid(t, twice, o, "row 1: columns C and D are both named Amount [column]")
	o.Columns["refund_amount"] = "C"
	if got := only(t, twice, o).Amount.String(); got != "100.00" {
		t.Errorf("column C is %s", got)
	}
}

func TestColumns_ChosenAndLabels(t *testing.T) {
	text := "Bestellung,Zahl,Ticket No,Asked by,Grund\no_1,5,CS-1,desk,\n"
	o := cashfree("june")
	o.Columns = map[string]string{"order_id": "Bestellung", "refund_amount": "zahl", "labels.asked_by": "Asked by", "refund_note": "Grund"}
	o.Labels = []string{"Ticket No"}
	o.Name = "june.csv"
	s := only(t, text, o)
	if want := map[string]string{"batch": "june", "sheet": "june.csv", "row": "2", "asked_by": "desk", "ticket_no": "CS-1"}; !maps.Equal(s.Labels, want) {
		t.Errorf("labels %v, want %v", s.Labels, want)
	}
	if s.ParentID != "o_1" || s.Amount.Minor != 500 || s.Note != "" {
		t.Errorf("%+v", s)
	}
	o.Columns["refund_note"] = "Grnd"
	wantSaid(t, text, o, "row 1: there is no column Grnd [column]")
	o.Columns = map[string]string{"refund_sum": "Zahl", "labels.batch": "Grund", "labels.UP": "Grund"}
	wantSaid(t, text, o, `"refund_sum" is not a field`, `"labels.batch" is not a field`, `"labels.UP" is not a field`)
}

// A sheet's own columns come first, and the name of a file may be anything.
func TestLabels_SheetAndRow(t *testing.T) {
	o := cashfree("june")
	o.Name, o.Columns = "june.csv", map[string]string{"labels.row": "Line", "labels.sheet": "Book"}
	if got := only(t, "order_id,amount,Line,Book\no_1,5,L-7,ledger 4\n", o).Labels; got["row"] != "L-7" || got["sheet"] != "ledger 4" {
		t.Errorf("labels %v", got)
	}
	for _, name := range []string{"", "asha@example.com.csv", "98450 12345.csv", "a\nb.csv", "a\u200bb.csv", "a\xff.csv", strings.Repeat("x", 201)} {
		o := cashfree("june")
		o.Name = name
		if got, there := only(t, "order_id,amount\no_1,5\n", o).Labels["sheet"]; there {
			t.Errorf("%q becomes the label %q", name, got)
		}
	}
}

func TestColumns_IgnoredAreNamed(t *testing.T) {
	r, _, err := sheet.Open(strings.NewReader("order_id,Customer,amount,,Phone\n"), cashfree("b"))
	if want := []string{"Customer", "Phone"}; err != nil || !slices.Equal(r.Ignored(), want) {
		t.Errorf("%v, %v; want %v", r.Ignored(), err, want)
	}
}

// A .env that is imported by mistake must not be printed.
func TestHeader_SecretsAreNotRepeated(t *testing.T) {
	for _, line := range []string{"CASHFREE_CLIENT_SECRET=cfsk_ma_prod_0123", "cfsk_ma_prod_0123", "asha@example.com", "9876543210", strings.Repeat("x", 100)} {
		_, problems, _ := sheet.Open(strings.NewReader(line+",amount\n1,2\n"), cashfree("b"))
		for _, p := range problems {
			if strings.Contains(p.Place()+p.Message+p.Hint, line) {
				t.Errorf("%+v", p)
			}
		}
	}
}

func TestSeparatorIsFoundByTheHeader(t *testing.T) {
	for _, separator := range []string{",", ";", "\t", "|"} {
		text := strings.ReplaceAll("Order ID;Name, first;refund_id;Refund Amount (Rs, paid)\norder_1;x;r_1;\"1,149.75\"\n", ";", separator)
		if separator == "," {
			text = "Order ID,Name;x,refund_id,Amount\norder_1,x,r_1,\"1,149.75\"\n"
		}
		if s := only(t, text, cashfree("")); s.Amount.Minor != 114975 {
			t.Errorf("%q: %v", separator, s.Amount)
		}
	}
	o := cashfree("")
	o.Separator = ';'
	wantSaid(t, "order_id,refund_id,amount\n", o, "there is no column for order_id")
}

func TestEncodings(t *testing.T) {
	good := "order_id,refund_id,amount,note\norder_1,r_1,5,Größe für ₹\n"
	if s := only(t, "\xEF\xBB\xBF"+good, cashfree("")); s.Note != "Größe für ₹" || s.ParentID != "order_1" {
		t.Errorf("with a byte order mark: %+v", s)
	}
	if s := only(t, strings.ReplaceAll(good, "\n", "\r\n"), cashfree("")); s.Note != "Größe für ₹" {
		t.Errorf("with CRLF: %+v", s)
	}
	for _, text := range []string{"\xFF\xFEo\x00r\x00", "\xFE\xFF\x00o\x00r", "o\x00r\x00", "\x00o\x00r"} {
		wantSaid(t, text, cashfree(""), "the file is UTF-16 [encoding]")
	}
	for _, text := range []string{"\xFF\xFE\x00\x00o\x00\x00\x00", "\x00\x00\xFE\xFF\x00\x00\x00o", "o\x00\x00\x00", "\x00\x00\x00o"} {
		wantSaid(t, text, cashfree(""), "the file is UTF-32 [encoding]")
	}
	wantSaid(t, "order_id\x00", cashfree(""), "the file is not text [encoding]")
	wantSaid(t, "PK\x03\x04 and more", cashfree(""), "the file is a workbook, not a CSV file [encoding]")
	wantSaid(t, "order_id,refund_id,amount,note\norder_1,r_1,5,Gr\xF6\xDFe\n", cashfree(""), "row 2, column D (note): the cell is not UTF-8 [encoding]")
	wantSaid(t, "order_id,refund_id,amount,customer\norder_1,r_1,5,Gr\xF6\xDFe\n", cashfree(""))
	wantSaid(t, "order_id,refund_id,amount\rorder_1,r_1,5\r", cashfree(""), "carriage return")
	wantSaid(t, "", cashfree(""), "the sheet: the sheet is empty [empty_sheet]")
}

func TestRows_AreNumberedAsInTheSpreadsheet(t *testing.T) {
	text := "order_id,refund_id,amount,\"a note\nof two lines\"\n" + // row 1, two lines
		"order_1,r_1,5,x\n" +
		"\n" + // row 3 is blank
		",,,\n" + // row 4 too
		"order_2,r_2,5,\"one\ntwo\"\n" + // row 5
		"order_3,r_3,five,x\n"
	rows, whole := rowsOf(t, text, cashfree(""))
	var numbers []int
	for _, r := range rows {
		numbers = append(numbers, r.Number)
	}
	if !slices.Equal(numbers, []int{2, 5, 6}) || len(whole) > 0 {
		t.Errorf("rows %v, %v", numbers, whole)
	}
	wantSaid(t, text, cashfree(""), "row 6, column C (amount): refund_amount is not a number")
}

func TestLetter(t *testing.T) {
	for n, want := range map[int]string{0: "", 1: "A", 26: "Z", 27: "AA", 52: "AZ", 53: "BA", 702: "ZZ", 703: "AAA"} {
		if got := sheet.Letter(n); got != want {
			t.Errorf("column %d is %s, want %s", n, got, want)
		}
	}
}

func TestRows_ProblemsHaveRowAndColumn(t *testing.T) {
	head := "order_id,refund_id,amount,note\n"
	for row, want := range map[string]string{
		",r_1,5,x":                          "row 2, column A (order_id): order_id is empty [required]",
		"order_1,r_1,,x":                    "row 2, column C (amount): refund_amount is empty [amount]",
		"order_1,r_1,-5,x":                  "row 2, column C (amount): refund_amount is negative or not a number [amount]",
		"1.23457E+11,r_1,5,x":               "row 2, column A (order_id): order_id was converted to scientific notation",
		"order_1,\"1,2E+15\",5,x":           "row 2, column B (refund_id): refund_id was converted to scientific notation",
		"order_1,r_1,1.5E+05,x":             "row 2, column C (amount): refund_amount was converted to scientific notation [amount]",
		"order_1,r_1,#REF!,x":               "row 2, column C (amount): refund_amount contains a spreadsheet error: #REF! [damaged_by_spreadsheet]",
		"#N/A,r_1,5,x":                      "row 2, column A (order_id): order_id contains a spreadsheet error",
		"order_1,r_1,#######,x":             "refund_amount contains a spreadsheet error",
		"Total,r_1,500,":                    "row 2: this row is the total of the others [total_row]",
		"order_1,r_1,1,149.75,x":            "row 2: the row has 5 cells, the header has 4 [cells]",
		"order_1,r_1,5":                     "row 2: the row has 3 cells, the header has 4 [cells]",
		"order_1,r_1,1,149.75":              "row 2, column C (amount): refund_amount seems to be split at its thousands separator [cells]",
		"order_1,r_1,₹1,149":                "row 2, column C (amount): refund_amount seems to be split at its thousands separator [cells]",
		"order_1,r_1,5,a \"quote\"":         "row 2, column D (note): a cell that is not in quotes contains a quote [csv]",
		"order_1,r_1,5,\"x\nand on":         "row 2, column D (note): a quoted cell has no closing quote, or text after it [csv]",
		"order_1,r_1,5,\"x\"y":              "row 2, column D (note): a quoted cell has no closing quote, or text after it [csv]",
		"12345678901234500000,r_1,5,x":      "row 2, column A (order_id): order_id has more than 15 digits and ends in zeros",
		"order_1,,5,x":                      "row 2: refund_id is missing [batch_required]",
		"null,r_1,5,x":                      "order_id is null, which programs write for a missing value [damaged_by_spreadsheet]",
		"order_1,NULL,5,x":                  "refund_id is NULL, which programs write for a missing value",
		"TRUE,r_1,5,x":                      "order_id is TRUE, which programs write for a missing id",
		"order_1,r_1,5,null":                "refund_note is null, which programs write for a missing value",
		"order_1,r_1,5,#VALUE!":             "refund_note contains a spreadsheet error",
		"order_1,r_1,\"1,2,3\",size":        "refund_amount has thousands separators in the wrong places [amount]",
		"order_1,r_1,\"1149,75\",size swap": "refund_amount has a comma that could be a decimal point or a thousands separator [amount]",
	} {
		wantSaid(t, head+row+"\n", cashfree(""), want)
	}
	wantSaid(t, head+"order_1,r_1,5,149 items\norder_1,r_2,1000,149\norder_1,r_3,5,x,,\n", cashfree(""))
}

// An unquoted thousands separator moves every cell after it. If the last one is blank, the row has the
// right length, and one rupee would be refunded instead of a thousand.
func TestRows_AnAmountSplitAtItsSeparatorIsRejected(t *testing.T) {
	const head = "order_id,refund_id,amount,gst,note\n"
	for _, row := range []string{"order_1,r_1,1,149.75,18,", "order_1,r_1,₹1,149,,,", "order_1,r_1,1,20,450.00,,"} {
		wantSaid(t, head+row+",\n", cashfree(""), "row 2, column C (amount): refund_amount seems to be split at its thousands separator [cells]")
	}
	wantSaid(t, head+"order_1,r_1,100,18,x\norder_1,r_2,100,18,\norder_1,r_3,1149.75,18,x,\n", cashfree(""))
}

func TestIDsAreTextWithTheirLeadingZeros(t *testing.T) {
	for cell, want := range map[string]string{
		"00123": "00123", " 00123 ": "00123", "'00123": "00123", `"=""00123"""`: "00123", "\u00a000123\u00a0": "00123", "1e3": "1e3", "0x1F": "0x1F",
		"123456789012345678": "123456789012345678",
	} {
		s := only(t, "order_id,refund_id,amount\n"+cell+","+cell+",5\n", cashfree(""))
		if s.ParentID != want || s.RefundID != want {
			t.Errorf("%s is read as %q and %q, want %q", cell, s.ParentID, s.RefundID, want)
		}
	}
	s := only(t, "order_id,refund_id,amount,note\no_1,r_1,5,'twas too small\n", cashfree(""))
	if s.Note != "'twas too small" {
		t.Errorf("note %q", s.Note)
	}
}

func TestKindFollowsTheColumn(t *testing.T) {
	s := only(t, "Subscription ID,Payment ID,refund_id,amount\nsub_1,pay_1,r_1,5\n", cashfree(""))
	if s.Kind != refund.Subscription || s.ParentID != "sub_1" || s.PaymentID != "pay_1" {
		t.Errorf("%+v", s)
	}
	s = only(t, "Order ID,Payment ID,refund_id,amount\no_1,pay_1,r_1,5\n", cashfree(""))
	if s.Kind != refund.Order || s.ParentID != "o_1" || s.PaymentID != "" {
		t.Errorf("an order beside a payment: %+v", s)
	}
	wantSaid(t, "order_id,subscription_id,refund_id,amount\no_1,sub_1,r_1,5\n", cashfree(""), "order_id is given together with a subscription or payment [two_parents]")
	wantSaid(t, "payment_id,refund_id,amount\np_1,r_1,5\n", cashfree(""), "there is no column for order_id")
	flowwise := cashfree("")
	flowwise.Kinds = []refund.Kind{refund.Payment}
	s = only(t, "Order ID,Payment ID,refund_id,amount,Refund Type\no_1,pay_1,r_1,5,auto_refund\n", flowwise)
	if s.Kind != refund.Payment || s.ParentID != "pay_1" || s.PaymentID != "" || s.Type != "AUTO_REFUND" {
		t.Errorf("%+v", s)
	}
	if s = only(t, "Payment ID,refund_id,amount\npay_1,r_1,5\n", flowwise); s.Type != "MERCHANT_INITIATED" {
		t.Errorf("%+v", s)
	}
	wantSaid(t, "order_id,refund_id,amount\no_1,r_1,5\n", flowwise, "there is no column for payment_id")
}

func TestCurrencyOfARow(t *testing.T) {
	s := only(t, "order_id,refund_id,amount,currency\no_1,r_1,\"USD 1,000.50\",usd\n", cashfree(""))
	if s.Amount.Currency != "USD" || s.Amount.Minor != 100050 {
		t.Errorf("%v", s.Amount)
	}
	wantSaid(t, "order_id,refund_id,amount,currency\no_1,r_1,₹5,USD\n", cashfree(""), "refund_amount is not a number")
	wantSaid(t, "order_id,refund_id,amount,currency\no_1,r_1,5,Rupees\n", cashfree(""), "row 2, column D (currency): refund_currency is not a currency [currency]")
}
