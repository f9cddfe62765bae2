package view

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"refundctl/internal/refund"
	"refundctl/internal/report"
	"refundctl/state"
)

// CSVOptions control the CSV file of an export.
type CSVOptions struct {
	Date report.DateBy // of the first column
	Raw  bool          // for programs: no cell is marked
	BOM  bool          // for spreadsheets that misread a file without one
}

// CSVHeader is the first line of an export. It is a contract: columns may be added at its end, and never
// move or change their name or meaning.
const CSVHeader = "date,account,environment,kind,parent_id,payment_id,refund_id,cf_refund_id,amount,currency,phase,status,refund_arn," +
	"sent_at,created_at,processed_at,settled_at,last_event_at,how,actor,approved_by,commit,ci_run,plan_digest," +
	"manifest,refund_note,labels,code,message,conflict,was_paid_at,missing_since_at," +
	"status_description,refund_speed_requested,refund_speed_accepted,refund_speed_processed,refund_speed_message,refund_charge," +
	"forex_conversion_handling_charge,forex_conversion_handling_tax,forex_conversion_rate,charges_currency,refund_splits,metadata"

const byteOrderMark = "\ufeff"

// ExportCSV prints a line for each row, in the order given, under CSVHeader, as RFC 4180 defines it. Times
// and days are in Cashfree's zone. A cell that a spreadsheet would run or rewrite gets a leading apostrophe;
// so does a text that begins with one. With Raw no cell is changed.
func ExportCSV(w io.Writer, rows []*report.Row, o CSVOptions) error {
	buffered := bufio.NewWriter(w)
	if o.BOM {
		_, _ = buffered.WriteString(byteOrderMark) // Flush has the error
	}
	out := csv.NewWriter(buffered)
	out.UseCRLF = true
	text := csvText
	if o.Raw {
		text = onOneLine
	}
	header := strings.Split(CSVHeader, ",")
	_ = out.Write(header) // as above
	for _, r := range rows {
		cells := csvCells(r, o.Date)
		for n, name := range header {
			if name != "date" && name != "amount" && !strings.HasSuffix(name, "_at") && !isCharge(name, cells[n]) { // a spreadsheet is to count with these
				cells[n] = text(cells[n])
			}
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return err
	}
	return buffered.Flush()
}

// isCharge reports whether a cell is a plain number of a charge, tax or rate, which the API reports as text.
func isCharge(name, cell string) bool {
	charge := strings.HasSuffix(name, "_charge") || strings.HasSuffix(name, "_tax") || strings.HasSuffix(name, "_rate")
	return charge && plainNumber.MatchString(cell)
}

var plainNumber = regexp.MustCompile(`^(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{1,6})?$`)

// csvCells are the cells of a row under CSVHeader.
func csvCells(r *report.Row, date report.DateBy) []string {
	run := r.Run
	if run == nil {
		run = &state.Header{}
	}
	cells := []string{
		day(r.Date(date)), r.AccountName, r.Environment, string(r.ID.Kind), r.ID.ID, r.PaymentID, r.ID.RefundID, r.CfRefundID,
		r.Amount.String(), string(r.Amount.Currency), string(r.Phase), string(r.Status), r.ARN,
		second(r.SentAt), second(r.LiveCreatedAt), second(r.ProcessedAt), second(r.SettledAt), second(r.UpdatedAt),
		r.How, run.Actor, people(run.Approvers), run.Commit, run.CIRun, run.PlanDigest,
		where(r.Source), r.Note, csvLabels(r.Labels), r.Code, r.Message, r.Conflict,
		second(r.PaidBefore), second(r.MissingSince),
	}
	return append(cells, csvDetails(r.Entry)...)
}

// csvDetails are the cells of what the API reports about a refund. The splits are those of the manifest or the
// API by amount, or else the API's by percentage.
func csvDetails(e state.Entry) []string {
	var d refund.Details
	if e.Details != nil {
		d = *e.Details
	}
	if d.Shares == "" {
		var shares []string
		for _, s := range e.Splits {
			shares = append(shares, s.VendorID+" "+s.Amount.String())
		}
		d.Shares = strings.Join(shares, ", ")
	}
	var cells []string
	for _, f := range d.List() {
		cells = append(cells, detailText(f.Name, *f.Value))
	}
	return cells
}

// day is the day of t in Cashfree's zone; empty for no time.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(refund.IST).Format(time.DateOnly)
}

func second(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(refund.IST).Format(time.RFC3339)
}

func csvLabels(of map[string]string) string {
	texts := make([]string, 0, len(of))
	for _, name := range slices.Sorted(maps.Keys(of)) {
		texts = append(texts, name+"="+of[name])
	}
	return strings.Join(texts, "; ")
}

// csvText is a text on one line, marked if a spreadsheet would take it for something else.
func csvText(text string) string {
	text = onOneLine(text)
	if runs(text) || rewritten(text) || strings.HasPrefix(text, "'") {
		return "'" + text
	}
	return text
}

// onOneLine escapes what moves a cursor, ends a line or turns the direction of text. It keeps joiners and
// blanks: this is data, and Indian scripts need them.
func onOneLine(text string) string {
	if !strings.ContainsFunc(text, disturbs) && utf8.ValidString(text) {
		return text
	}
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		if disturbs(r) || r == utf8.RuneError && size == 1 {
			b.WriteString(escape(text[:size]))
		} else {
			b.WriteString(text[:size])
		}
		text = text[size:]
	}
	return b.String()
}

func disturbs(r rune) bool {
	const nonJoiner, joiner = '\u200c', '\u200d'
	return r != joiner && r != nonJoiner && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// runs reports whether a spreadsheet takes text for a formula, also after blanks and in full-width
// characters.
func runs(text string) bool {
	r, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(text, unicode.IsSpace))
	return strings.ContainsRune("=+-@＝＋－＠", r)
}

// altered matches texts that spreadsheets change: numbers that are long or have a leading zero, a sign, an
// exponent, a point or a currency; dates, times and months; logical values. It covers what LibreOffice and
// Excel are known to change in any of the usual settings.
var altered = regexp.MustCompile(`^\s*(?:` +
	`[0-9]{12,}|0[0-9]+|[0-9.,][0-9eEdD.,:/ +-]*[eEdD.,:/ +-][0-9eEdD.,:/ +-]*|` +
	`[$€£¥₹(][ 0-9.,$€£¥₹]+[)]?|[0-9., ]+[%$€£¥₹]|` +
	`[0-9]{1,4}[-/ ]?(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-zA-Z]*(?:[-/ ,]*[0-9]{1,4})?|` +
	`(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-zA-Z]*[-/ ,]*[0-9]{1,4}(?:[-/ ,]+[0-9]{1,4})?|` +
	`[0-9:. ]+(?i:am|pm|a|p)|(?i:true|false)` +
	`)\s*$`)

// rewritten checks the first character before it runs the expression, which is slow for 100,000 rows.
func rewritten(text string) bool {
	const begin = " 0123456789.,$(€£¥₹jfmasondtJFMASONDT"
	r, _ := utf8.DecodeRuneInString(text)
	return (strings.ContainsRune(begin, r) || unicode.IsSpace(r)) && !strings.ContainsAny(text, "_=") && altered.MatchString(text)
}

// Exported prints how many refunds were exported and as of when, and warns that amounts of several
// environments must not be added.
func Exported(w io.Writer, rows []*report.Row, asOf time.Time, s Style) error {
	out := newPrinter(w, s)
	environments := map[string]bool{}
	for _, r := range rows {
		environments[r.Environment] = true
	}
	if asOf.IsZero() {
		out.line("%s: the ledger is empty.", count(len(rows), "refund"))
	} else {
		out.wrapped(0, fmt.Sprintf("%s, as of %s in the ledger.", count(len(rows), "refund"), Time(asOf)))
	}
	reversed, missing := 0, 0
	for _, r := range rows {
		if r.Reversed() {
			reversed++
		}
		if !r.MissingSince.IsZero() {
			missing++
		}
	}
	for _, n := range []struct {
		rows int
		what string
	}{{reversed, "reversed: paid, and cancelled or failed at the API since (was_paid_at)"}, {missing, "missing: accepted, and no longer listed by the API (missing_since_at)"}} {
		if n.rows > 0 {
			out.wrapped(0, out.paint(magenta, "attention:")+" "+count(n.rows, "refund")+" "+n.what+".")
		}
	}
	if len(environments) > 1 {
		out.wrapped(0, out.paint(magenta, "attention:")+" they belong to several environments ("+
			Escape(strings.Join(slices.Sorted(maps.Keys(environments)), ", "))+"): do not add their amounts; see --environment.")
	}
	return out.Flush()
}
