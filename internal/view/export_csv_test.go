package view_test

import (
	"bytes"
	"encoding/csv"
	"io"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	rep "refundctl/internal/report"
	"refundctl/internal/view"
	"refundctl/state"
)

// exported are the lines of an export, the header first, as a plain reader of CSV has them.
func exported(t testing.TB, rows []*rep.Row, o view.CSVOptions) [][]string {
	t.Helper()
	var b bytes.Buffer
	if err := view.ExportCSV(&b, rows, o); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b.Bytes(), []byte("\ufeff")))).ReadAll()
	if err != nil {
		t.Fatalf("%v in\n%s", err, b.Bytes())
	}
	return lines
}

// saying is a row whose note and bank reference are the text.
func saying(text string) *rep.Row {
	r := *october()[0]
	r.Note, r.ARN = text, text
	return &r
}

func column(name string) int {
	for i, have := range strings.Split(view.CSVHeader, ",") {
		if have == name {
			return i
		}
	}
	return -1
}

// The texts were put through LibreOffice 7.4, which ran or rewrote nearly all of them where the
// apostrophe was missing; the others are Excel's.
func TestACellThatASpreadsheetWouldRunOrRewriteBeginsWithAnApostrophe(t *testing.T) {
	for _, text := range []string{
		"=1+1", `=HYPERLINK("http://x","y")`, "+1", "-1", "@SUM(1)", "  =1+1", "\u00a0=1", "＝1+1", "＋1", "－1", "＠x", "-A1", "=", "-", "'=1", "'",
		"74622022608029000000001", "012345", "00", "1e3", "12E5", "1E05", "12345678e1", "1d5", "264127633881000", "123456789012", "1.50", "1,20,450",
		"2026-10-05", "12-05", "1-2", "10/11", "1/2", "2026-10", "MARCH1", "SEPT-2", "DEC-12", "5-MAR", "Oct 5 2026", "5 Oct", "10:30", "5:00 PM", "5p",
		"TRUE", "false", "50%", "$5", "₹100", "(5)", "4711-", "05-10-2026 10:30",
	} {
		line := exported(t, []*rep.Row{saying(text)}, view.CSVOptions{})[1]
		if line[column("refund_note")] != "'"+text || line[column("refund_arn")] != "'"+text {
			t.Errorf("%q is as %q", text, line[column("refund_note")])
		}
		if raw := exported(t, []*rep.Row{saying(text)}, view.CSVOptions{Raw: true})[1]; raw[column("refund_arn")] != text {
			t.Errorf("%q is raw %q", text, raw[column("refund_arn")])
		}
	}
}

func TestOrdinaryTextHasNoApostrophe(t *testing.T) {
	for _, text := range []string{"", "refund_1", "order_summer_fashion_001", "41805721", "12345678901", "0", "asha", "may", "jan", "SUCCESS", "4be1ac", "a=b; c=d",
		"hello, world", "ग्राहक\u200d", "4be1ac9d0e11", "https://ci.example/runs/77", "Marching band of 5", "\"=1\""} {
		if line := exported(t, []*rep.Row{saying(text)}, view.CSVOptions{})[1]; line[column("refund_note")] != text {
			t.Errorf("%q is as %q", text, line[column("refund_note")])
		}
	}
}

func TestWithoutItsApostropheACellIsTheTextAndNeverAFormula(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`['=+@ \t\r\n,;"0-9eE.-]{0,12}`)).Draw(t, "text")
		row := saying(text)
		var b bytes.Buffer
		if err := view.ExportCSV(&b, []*rep.Row{row}, view.CSVOptions{}); err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(&b).ReadAll()
		if err != nil || len(lines) != 2 {
			t.Fatalf("%d lines, %v", len(lines), err)
		}
		cell := lines[1][column("refund_note")]
		first, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(cell, unicode.IsSpace))
		if strings.ContainsRune("=+-@＝＋－＠", first) && cell != "" {
			t.Fatalf("%q is as the formula %q", text, cell)
		}
		if strings.ContainsAny(cell, "\r\n\t\x1b\u202e") {
			t.Fatalf("%q breaks out of its line as %q", text, cell)
		}
		if plain := !strings.ContainsFunc(text, func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) }) &&
			utf8.ValidString(text); plain && strings.TrimPrefix(cell, "'") != text {
			t.Fatalf("%q cannot be read back from %q", text, cell)
		}
	})
}

// A column that moves or changes breaks the programs and the formulas that read it.
func TestColumnsOfAnExportAreOnlyAddedAtTheEnd(t *testing.T) {
	const first = "date,account,environment,kind,parent_id,payment_id,refund_id,cf_refund_id,amount,currency,phase,status,refund_arn," +
		"sent_at,created_at,processed_at,settled_at,last_event_at,how,actor,approved_by,commit,ci_run,plan_digest," +
		"manifest,refund_note,labels,code,message,conflict"
	if !strings.HasPrefix(view.CSVHeader+",", first+",") {
		t.Errorf("the header is\n%s", view.CSVHeader)
	}
	lines := exported(t, october(), view.CSVOptions{Date: rep.BySent})
	if len(lines) != 91 || strings.Join(lines[0], ",") != view.CSVHeader {
		t.Errorf("%d lines under %s", len(lines), lines[0])
	}
}

func TestAnExportIsRFC4180(t *testing.T) {
	out := string(printed(t, func(w io.Writer) error {
		return view.ExportCSV(w, []*rep.Row{saying(`says "no", twice`)}, view.CSVOptions{BOM: true})
	}))
	if !strings.HasPrefix(out, "\ufeffdate,account,") || strings.Count(out, "\r\n") != 2 || strings.Count(out, "\n") != 2 || !strings.HasSuffix(out, "\r\n") {
		t.Errorf("%q", out)
	}
	if !strings.Contains(out, `,"says ""no"", twice",`) {
		t.Errorf("quotes is as %s", out)
	}
}

func TestHostileTextOfAnyFieldStaysInItsCell(t *testing.T) {
	for _, o := range []view.CSVOptions{{}, {Raw: true}} {
		rows := october()
		fill(&rows, hostile)
		for _, r := range rows { // the two that are numbers or dates stay what they are
			r.Amount, r.SentAt = inr(100), time.Time{}
		}
		lines := exported(t, rows, o)
		if len(lines) != len(rows)+1 {
			t.Fatalf("%d lines", len(lines))
		}
		for _, line := range lines[1:] {
			for i, cell := range line {
				if strings.ContainsFunc(cell, unicode.IsControl) || strings.ContainsRune(cell, '\u202e') {
					t.Fatalf("%s contains %q", lines[0][i], cell)
				}
			}
		}
	}
}

func TestAnExportSaysWhoSentAndWhoApproved(t *testing.T) {
	line := exported(t, october()[1:2], view.CSVOptions{Date: rep.BySent})[1]
	for name, want := range map[string]string{
		"date": "2026-10-02", "amount": "222.45", "currency": "INR", "refund_arn": "'74622022608029000000001", "actor": "asha", "approved_by": "meera, ravi",
		"commit": "4be1ac", "ci_run": "https://ci.example/runs/77", "plan_digest": "d1", "manifest": "refunds/october.refunds.yaml:4",
		"sent_at": "2026-10-02T07:01:00+05:30", "labels": "desk=claims; ticket=CS-4401", "phase": string(state.Settled),
	} {
		if got := line[column(name)]; got != want {
			t.Errorf("%s is %q, not %q", name, got, want)
		}
	}
}
