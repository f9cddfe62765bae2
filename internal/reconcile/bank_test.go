package reconcile_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"refundctl/internal/money"
	. "refundctl/internal/reconcile"
)

// read reads a file that must have no problems.
func read(t *testing.T, text string, named map[string]string) *Bank {
	t.Helper()
	bank, problems, err := ReadBank(strings.NewReader(text), "bank.csv", named)
	if err != nil || len(problems) > 0 {
		t.Fatalf("%q: %v, %v", text, problems, err)
	}
	return bank
}

func TestColumnsAreFoundByTheNamesThatReportsGiveThem(t *testing.T) {
	want := Line{Row: 2, RefundID: "r1", CfRefundID: "11", ARN: "74332746182", ParentID: "order_1", Amount: inr(114975)}
	for name, text := range map[string]string{
		"the API's names":       "refund_id,cf_refund_id,refund_arn,order_id,refund_amount\nr1,11,74332746182,order_1,1149.75\n",
		"words":                 "Refund ID,Cashfree Refund ID,Refund ARN,Order ID,Refund Amount\nr1,11,74332746182,order_1,1149.75\n",
		"nested":                "refund_details.refund_id,cf_refund_id,refund_details.refund_arn,order_details.order_id,event_details.event_amount\nr1,11,74332746182,order_1,1149.75\n",
		"a byte order mark":     "\ufeffrefund_id,cf_refund_id,arn,order_id,amount\nr1,11,74332746182,order_1,1149.75\n",
		"semicolons":            "refund_id;cf_refund_id;utr;order_id;amount\nr1;11;74332746182;order_1;1,149.75\n",
		"tabs":                  "refund_id\tcf_refund_id\tutr\torder_id\tamount\r\nr1\t11\t74332746182\torder_1\t1149.75\r\n",
		"pipes":                 "refund_id|cf_refund_id|utr|order_id|amount\nr1|11|74332746182|order_1|1149.75\n",
		"another order":         "amount,order_id,arn,cf_refund_id,refund_id\n1149.75,order_1,74332746182,11,r1\n",
		"marks of spreadsheets": "refund_id,cf_refund_id,arn,order_id,amount\n'r1,\"=\"\"11\"\"\",'74332746182, order_1 ,\" ₹ 1,149.75 \"\n",
		"an arn before an utr":  "utr,refund_id,cf_refund_id,refund_arn,order_id,amount\nOF_THE_SETTLEMENT,r1,11,74332746182,order_1,1149.75\n",
	} {
		if got := read(t, text, nil).Lines; !slices.Equal(got, []Line{want}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestColumnsCanBeNamed(t *testing.T) {
	text := "Date,Narration,Ref,Withdrawal Amt.,amount\n01/10,refund,74332746182,\"1,20,450.00\",ignored\n"
	got := read(t, text, map[string]string{"amount": "Withdrawal Amt.", "arn": "Ref"}).Lines
	if want := []Line{{Row: 2, ARN: "74332746182", Date: "01/10", Amount: inr(12045000)}}; !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
}

func TestRowsAreCountedAsASpreadsheetDoes(t *testing.T) {
	text := "Report of October\n\nrefund_id,refund_note,amount\nr1,\"two\nlines\",1.00\n,,\nr2,,2.00\n"
	var rows []string
	for _, l := range read(t, text, nil).Lines {
		rows = append(rows, fmt.Sprint(l.Row, " ", l.RefundID))
	}
	if want := []string{"4 r1", "6 r2"}; !slices.Equal(rows, want) {
		t.Errorf("%v", rows)
	}
}

func TestOnlyPaidRefundsOfASettlementAreLines(t *testing.T) {
	text := `event_id,event_type,sale_type,event_status,event_amount,order_id,refund_id
1,PAYMENT,CREDIT,SUCCESS,100,order_1,
2,REFUND,DEBIT,SUCCESS,100,order_1,r1
3,REFUND,CREDIT,SUCCESS,40,order_1,r2
4,REFUND_REVERSAL,CREDIT,,30,order_1,r3
5,REFUND,DEBIT,PENDING,20,order_1,r4
6,REFUND,DEBIT,on hold,20,order_1,r5
7,SETTLEMENT,,,5,,
8,DISPUTE,DEBIT,CLOSED,5,,
9,REFUND,DEBIT,N/A,10,order_1,"null,"
`
	bank := read(t, text, nil)
	var lines []string
	for _, l := range bank.Lines {
		lines = append(lines, fmt.Sprint(l.Row, " ", l.EventID, " ", l.RefundID, " ", l.Amount, " ", l.Back))
	}
	if want := []string{"3 2 r1 100.00 false", "4 3 r2 40.00 true", "5 4 r3 30.00 true", "10 9  10.00 false"}; !slices.Equal(lines, want) {
		t.Errorf("%q", lines)
	}
	if bank.Others != 3 || bank.Unpaid != 2 {
		t.Errorf("%d others, %d unpaid", bank.Others, bank.Unpaid)
	}
}

func TestAmountsAreReadExactlyOrNotAtAll(t *testing.T) {
	for text, want := range map[string]int64{
		"1149.75": 114975, "1,149.75": 114975, "1,20,450.00": 12045000, "120,450.00": 12045000, "1,00,00,000": 1000000000, "1,000,000": 100000000,
		"₹1,149.75": 114975, "Rs. 1149.75": 114975, "Rs 1149.75": 114975, "INR 1149.75": 114975, "-1149.75": 114975, "(1149.75)": 114975, "-₹1149.75": 114975,
		"\u20b9\u00a01149.75": 114975, "1149.7500": 114975, "0100": 10000, "0": 0, "92233720368547758.06": 9223372036854775806,
	} {
		bank := read(t, "refund_id;amount\nr;"+text+"\n", nil)
		if len(bank.Lines) != 1 || bank.Lines[0].Amount != inr(want) || bank.Lines[0].Back {
			t.Errorf("%q: %+v, want %d", text, bank.Lines, want)
		}
	}
	for _, text := range []string{"", "1,50", "1.149,75", "12,04,50.00", "1,2345", ",100", "1e3", "1.2E+05", "1149.755", "abc", "1149.", ".5", "--5", "(5",
		"1 149,75", "٥", "0x10", "1_000", "5-", "+-5", "92233720368547758.08", "1149.75 Dr"} {
		_, problems, err := ReadBank(strings.NewReader("refund_id;amount\nr;"+text+"\n"), "bank.csv", nil)
		if err != nil || len(problems) != 1 || problems[0].Code != "amount" || problems[0].Line != 2 || problems[0].Column != 2 {
			t.Errorf("%q: %v, %v", text, problems, err)
		}
	}
}

// The outside oracle is math/big: what is read is what is written, however it is grouped.
func TestAnyGroupingOfAnAmountIsTheSameMoney(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		minor := rapid.Int64Range(0, math.MaxInt64-1).Draw(t, "minor")
		want := money.Amount{Minor: minor, Currency: money.INR}
		text := want.String()
		switch rapid.IntRange(0, 2).Draw(t, "spelling") {
		case 1:
			text = want.Human()
		case 2:
			text = strings.TrimPrefix(money.Amount{Minor: minor, Currency: "USD"}.Human(), "USD ")
		}
		bank, problems, err := ReadBank(strings.NewReader("refund_id;amount\nr;"+text+"\n"), "bank.csv", nil)
		if err != nil || len(problems) > 0 || len(bank.Lines) != 1 {
			t.Fatalf("%q: %v, %v", text, problems, err)
		}
		exact, _ := new(big.Rat).SetString(strings.NewReplacer(",", "", "₹", "").Replace(text))
		if got := big.NewRat(bank.Lines[0].Amount.Minor, 100); got.Cmp(exact) != 0 {
			t.Fatalf("%q: %v", text, bank.Lines[0].Amount)
		}
	})
}

func TestARowThatNeedsGuessingIsAProblemWithItsPlace(t *testing.T) {
	for text, want := range map[string]string{
		"":                                  "bank.csv no_columns",
		"a,b\n1,2\n":                        "bank.csv no_columns",
		"refund_id,note\nr,x\n":             "bank.csv no_columns",
		"amount\n1\n":                       "bank.csv no_columns",
		"refund_id,amount,Amount\nr,1,2\n":  "bank.csv:1:3 column_twice",
		"refund_id,amount\nr,x\ns,1\nt,y\n": "bank.csv:2:2 amount; bank.csv:4:2 amount",
		"refund_id,amount,currency\nr,1,RUPEES\n":    "bank.csv:2:3 currency",
		"refund_id,amount,status\nr,1,MAYBE\n":       "bank.csv:2:3 unknown_status",
		"refund_id,amount,sale_type\nr,1,SIDEWAYS\n": "bank.csv:2:2 way",
		"refund_id,amount,sale_type\nr,-1,CREDIT\n":  "bank.csv:2:2 way",
		"refund_id,amount\nr,1\ns,-1\n":              "bank.csv:3 sign_unclear",
		"refund_id,amount\nr,1\n\"s,1\n":             "bank.csv:3 not_csv",
		"refund_id,amount\nr\xff,1\n":                "bank.csv:2 not_utf8",
		"\xff\xfer\x00e\x00":                         "bank.csv not_csv",
	} {
		_, problems, err := ReadBank(strings.NewReader(text), "bank.csv", nil)
		var got []string
		for _, p := range problems {
			got = append(got, p.String()+" "+p.Code)
			if p.Message == "" || p.Hint == "" {
				t.Errorf("%q: %+v", text, p)
			}
		}
		if err != nil || strings.Join(got, "; ") != want {
			t.Errorf("%q: %v, %v; want %s", text, got, err, want)
		}
	}
}

func TestAMappedColumnThatIsMissingIsAProblem(t *testing.T) {
	_, problems, err := ReadBank(strings.NewReader("refund_id,amount\nr,1\n"), "bank.csv", map[string]string{"arn": "Ref"})
	if err != nil || len(problems) != 1 || problems[0].Code != "no_such_column" {
		t.Errorf("%v, %v", problems, err)
	}
}

func TestOnlyTheFirstProblemsOfAFileAreReported(t *testing.T) {
	_, problems, err := ReadBank(strings.NewReader("refund_id,amount\n"+strings.Repeat("r,x\n", 1000)), "bank.csv", nil)
	if err != nil || len(problems) != 21 || problems[20].Code != "too_many_problems" {
		t.Errorf("%d problems, %v", len(problems), err)
	}
}

// blanks is a file of empty rows without an end.
type blanks struct{}

func (blanks) Read(p []byte) (int, error) {
	copy(p, bytes.Repeat([]byte(" "), len(p)))
	p[len(p)-1] = '\n'
	return len(p), nil
}

func TestAnEndlessFileIsNotReadToTheEnd(t *testing.T) {
	_, problems, err := ReadBank(io.MultiReader(strings.NewReader("refund_id,amount\nr,1\n"), blanks{}), "bank.csv", nil)
	if err != nil || len(problems) != 1 || problems[0].Code != "too_large" {
		t.Errorf("%v, %v", problems, err)
	}
}

func TestAFileThatCannotBeReadIsAnErrorAndNotAShortFile(t *testing.T) {
	broken := errors.New("the disk is gone")
	for _, r := range []io.Reader{iotest.ErrReader(broken), io.MultiReader(strings.NewReader("refund_id,amount\nr,1\n"), iotest.ErrReader(broken))} {
		if _, _, err := ReadBank(r, "bank.csv", nil); !errors.Is(err, broken) {
			t.Errorf("%v", err)
		}
	}
}

// Whatever stands in a file: no panic, and every line has a row, a currency and no money below zero.
func FuzzReadBank(f *testing.F) {
	f.Add("refund_id,amount\nr,1\n")
	f.Add("\ufeffRefund ID;Refund Amount;sale_type\n'r;\"1,20,450.00\";DEBIT\n")
	f.Add("event_id\tevent_type\tevent_amount\n1\tREFUND\t(5)\n")
	f.Add("refund_id,amount\n\"r\n,1")
	f.Fuzz(func(t *testing.T, text string) {
		bank, problems, err := ReadBank(strings.NewReader(text), "bank.csv", nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(problems) > 0 {
			return
		}
		last := 0
		for _, l := range bank.Lines {
			if l.Row <= last || l.Amount.Minor < 0 || l.Amount.Currency == "" {
				t.Errorf("%+v behind row %d", l, last)
			}
			last = l.Row
		}
	})
}
