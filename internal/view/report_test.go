package view_test

import (
	"fmt"
	"html"
	"io"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/chromedp/chromedp"
	"pgregory.net/rapid"

	"refundctl/internal/diag"
	"refundctl/internal/refund"
	rep "refundctl/internal/report"
	"refundctl/internal/view"
	"refundctl/state"
)

// october is a month of refunds in every phase, over two accounts and 31 days.
func october() []*rep.Row {
	words := []struct {
		phase  state.Phase
		status refund.Status
	}{
		{state.Settled, refund.Success}, {state.Settled, refund.Success}, {state.Settled, refund.Success}, {state.Settled, refund.Success},
		{state.Accepted, refund.Pending}, {state.Settled, refund.Success}, {state.Accepted, refund.OnHold}, {state.Failed, refund.Cancelled},
		{state.Refused, ""}, {state.Settled, refund.Success}, {state.NotSent, ""}, {state.Settled, refund.Success},
	}
	run := &state.Header{Actor: "asha", Approvers: []string{"meera", "ravi"}, Commit: "4be1ac", CIRun: "https://ci.example/runs/77", PlanDigest: "d1"}
	var rows []*rep.Row
	for i := range 90 {
		sent := time.Date(2026, 10, 1+i*i%31, 6+i%12, i%60, 0, 0, refund.IST)
		w := words[i%len(words)]
		r := &rep.Row{Environment: "production", Run: run, SentAt: sent, Note: "Size exchange", How: "answered",
			Labels: map[string]string{"desk": []string{"returns", "claims", "vip"}[i%3], "ticket": fmt.Sprintf("CS-%d", 4400+i)}}
		r.Entry = state.Entry{AccountName: []string{"shop", "shop", "market"}[i%3], Amount: inr(int64(9900 + 12345*(i%17))), Phase: w.phase, Status: w.status,
			ID:        refund.Identity{Parent: refund.Parent{Account: "fp", Kind: refund.Order, ID: fmt.Sprintf("order_%d", i)}, RefundID: fmt.Sprintf("refund_%d", i)},
			CreatedAt: sent, TriedAt: sent, UpdatedAt: sent.Add(time.Hour), Source: diag.Place{File: "refunds/october.refunds.yaml", Line: i + 3}}
		if w.phase.Sent() {
			r.CfRefundID, r.AcceptedAt, r.LiveCreatedAt = fmt.Sprint(264127633881000+i), sent, sent
		}
		if w.phase == state.Settled {
			r.ProcessedAt, r.SettledAt = sent.AddDate(0, 0, 3), sent.AddDate(0, 0, 4)
			if i%7 > 0 {
				r.ARN = fmt.Sprintf("746220226080290000%05d", i)
			}
		}
		rows = append(rows, r)
	}
	rows[5].Phase, rows[5].Status, rows[5].ARN = state.Intended, "", ""
	rows[9].Conflict = "264127633881009, 264127633881777"
	rows[4].Details = &refund.Details{Description: "Request sent to merchant to collect customer details", Charge: "12.34", Metadata: `{"ticket":"=1+1","batch":"june"}`,
		Speed: refund.Speed{Requested: "INSTANT", Accepted: "STANDARD", Message: "not possible for this bank"}}
	rows[0].Details = &refund.Details{Description: "Refund processed successfully", Charge: "=2+5", ForexCharge: "11.12", ForexTax: "1.12", ForexRate: "84.24", ChargesCurrency: "INR",
		Shares: "Vendor01 62.75%"}
	return rows
}

// reportOf is the report of rows over October 2026.
func reportOf(t testing.TB, rows []*rep.Row) view.Report {
	t.Helper()
	from := time.Date(2026, 10, 1, 0, 0, 0, 0, refund.IST)
	c := rep.Choose(rows, rep.Filter{Date: rep.BySent, Period: refund.Period{From: from, Until: from.AddDate(0, 1, 0)}})
	by, unlisted := rep.DefaultGroupings(c.Rows, rep.BySent)
	made := rep.Summarize(c.Rows, by, rep.BySent, refund.IST)
	return view.Report{Summary: made, Filter: c.Filter, Elsewhere: c.Elsewhere, Undated: c.Undated, Unlisted: unlisted,
		AsOf: time.Date(2026, 11, 1, 9, 30, 0, 0, refund.IST)}
}

func TestReportGoldens(t *testing.T) {
	f := reportOf(t, october())
	golden(t, "report_80.txt", printed(t, func(w io.Writer) error { return view.ReportText(w, f, view.Style{Width: 80}) }))
	golden(t, "report_40.txt", printed(t, func(w io.Writer) error { return view.ReportText(w, f, view.Style{Width: 40}) }))
	golden(t, "report.json", printed(t, func(w io.Writer) error { return view.ReportJSON(w, f) }))
	golden(t, "export.csv", printed(t, func(w io.Writer) error { return view.ExportCSV(w, october()[:12], view.CSVOptions{Date: rep.BySent}) }))
}

// Labels in the scripts of India and of East Asia, an emoji and a combining accent.
func TestAReportAlignsLabelsInEveryScript(t *testing.T) {
	rows := october()
	for i, r := range rows {
		r.Labels = map[string]string{"desk": []string{"returns", "ग्राहक सेवा", "வாடிக்கையாளர்", "顧客対応", "返品 ✅", "cafe\u0301"}[i%6]}
	}
	f := reportOf(t, rows)
	golden(t, "report_scripts_80.txt", printed(t, func(w io.Writer) error { return view.ReportText(w, f, view.Style{Width: 80}) }))
}

// A controller compares: the figures of the page are those of the terminal.
func TestThePageOfAReportHasTheFiguresOfTheText(t *testing.T) {
	f := reportOf(t, october())
	page := html.UnescapeString(string(printed(t, func(w io.Writer) error { return view.ReportHTML(w, f) })))
	plain := string(printed(t, func(w io.Writer) error { return view.ReportText(w, f, view.Style{}) }))
	amounts := regexp.MustCompile(`₹[0-9,.]+`).FindAllString(plain, -1)
	if len(amounts) < 60 {
		t.Fatalf("only %d amounts in\n%s", len(amounts), plain)
	}
	for _, amount := range amounts {
		if !strings.Contains(page, amount) {
			t.Errorf("the page lacks %s", amount)
		}
	}
	for _, text := range []string{"October 2026", "environment production", "2026-11-01 09:30:00 +05:30", "refund_5", "264127633881777", "more than 10 days", "45 of 53"} {
		if !strings.Contains(page, text) || !strings.Contains(strings.Join(strings.Fields(plain), " "), text) {
			t.Errorf("%q is missing in the page or the text", text)
		}
	}
}

func TestAnEmptyReportSaysSoInEveryFormat(t *testing.T) {
	f := reportOf(t, nil)
	for format, want := range map[view.Format]string{view.Text: "No refunds.", view.HTML: `<p class="none">No refunds.</p>`, view.JSON: `"total":{"count":0,`} {
		out := string(printed(t, func(w io.Writer) error { return view.RenderReport(w, format, f, view.Style{}) }))
		if !strings.Contains(out, want) || strings.Contains(out, "<table") {
			t.Errorf("%s: %s", format, out)
		}
	}
	if err := view.RenderReport(io.Discard, "csv", f, view.Style{}); err == nil {
		t.Error("a format that there is none of was printed")
	}
}

func TestEveryFormatBeginsAsAnEarlierReportIsKnown(t *testing.T) {
	for _, format := range []view.Format{view.Text, view.JSON, view.HTML} {
		out := string(printed(t, func(w io.Writer) error { return view.RenderReport(w, format, reportOf(t, october()), view.Style{}) }))
		if !slices.ContainsFunc(view.ReportBeginnings(), func(s string) bool { return strings.HasPrefix(out, s) }) {
			t.Errorf("%s begins %.200q", format, out)
		}
	}
}

func TestForeignTextOfAReportNeverReachesATerminalRaw(t *testing.T) {
	f := spoiled(t, hostile)
	out := string(printed(t, func(w io.Writer) error { return view.ReportText(w, f, view.Style{Width: 80}) }))
	for _, r := range strings.ToValidUTF8(out, "\x00") {
		if r != '\n' && (!unicode.IsPrint(r) || r == '\u3164' || r == '\ufe0f') {
			t.Fatalf("%+q is printed raw in:\n%+q", r, out)
		}
	}
	if strings.Count(out, `\x1b[31m`) < 5 {
		t.Errorf("the text is not shown:\n%s", out)
	}
}

// spoiled is a report whose foreign texts are all the one given.
func spoiled(t testing.TB, text string) view.Report {
	rows := october()
	for _, r := range rows {
		r.Status, r.AccountName, r.ARN = refund.Status(text), text, text
		r.ID.RefundID, r.ID.ID, r.CfRefundID = text, text, text
		r.Labels = map[string]string{"desk": text}
		if r.Conflict != "" {
			r.Conflict = text
		}
	}
	return reportOf(t, rows)
}

func TestThePageOfAReportLoadsNothingAndRunsNothing(t *testing.T) {
	out := string(printed(t, func(w io.Writer) error {
		return view.ReportHTML(w, spoiled(t, `"><script>alert(1)</script><img src=x onerror=alert(1)> url(http://x)`))
	}))
	for _, word := range []string{"<script", "<img", "<a ", "href=", "@import", " style="} {
		if strings.Contains(out, word) {
			t.Errorf("%q is in the page", word)
		}
	}
	if strings.Count(out, "Content-Security-Policy") != 1 || !strings.Contains(out, "default-src &#39;none&#39;; style-src &#39;sha256-") {
		t.Error("no policy")
	}
}

func TestThePageOfAReportFitsAPhoneAndLoadsNothing(t *testing.T) {
	page := open(t, few())
	show := func(f view.Report) {
		file := filepath.Join(t.TempDir(), "plan.html") // the name that the tab takes no offence at
		if err := os.WriteFile(file, printed(t, func(w io.Writer) error { return view.ReportHTML(w, f) }), 0o600); err != nil {
			t.Fatal(err)
		}
		page.do(chromedp.Navigate("file://" + file))
	}
	page.do(chromedp.EmulateViewport(360, 740))
	for _, f := range []view.Report{reportOf(t, october()), reportOf(t, nil), spoiled(t, strings.Repeat("long", 60)), spoiled(t, `"><img src=x onerror=document.title="hit">`)} {
		show(f)
		page.wants(`document.documentElement.scrollWidth`, "360")
		page.wants(`document.querySelectorAll("script, img, a, iframe, object").length`, "0")
		page.wants(`document.title`, "Refunds, October 2026")
	}
	show(reportOf(t, october()))
	page.wants(`document.querySelectorAll("svg.columns > g").length`, "31")
	page.wants(`[...document.querySelectorAll("svg.columns")].every((s) => s.getAttribute("role") === "img" && s.getAttribute("aria-labelledby").split(" ").every((id) => document.getElementById(id).textContent))`, "true")
	page.wants(`[...document.querySelectorAll("table")].every((t) => t.caption && t.caption.textContent && t.querySelectorAll("thead th[scope=col]").length >= 4)`, "true")
	page.calm()
}

// The columns of a day are as high as its share of the highest one.
func TestAColumnIsAsHighAsItsMoney(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		most := rapid.Int64Range(1, math.MaxInt64/4).Draw(rt, "most")
		less := rapid.Int64Range(1, most).Draw(rt, "less")
		rows := october()[:2]
		for i, minor := range []int64{most, less} {
			rows[i].Phase, rows[i].Amount, rows[i].SentAt = state.Settled, inr(minor), time.Date(2026, 10, 1+i, 9, 0, 0, 0, refund.IST)
		}
		out := string(printed(t, func(w io.Writer) error { return view.ReportHTML(w, reportOf(t, rows)) }))
		share := new(big.Int).Div(new(big.Int).Mul(big.NewInt(less), big.NewInt(1000)), big.NewInt(most)).Int64()
		for _, want := range []string{`x="1" y="0" width="8" height="1000"`, fmt.Sprintf(`x="11" y="%d" width="8" height="%d"`, 1000-max(share, 4), max(share, 4))} {
			if !strings.Contains(out, want) {
				rt.Fatalf("no %s for %d of %d", want, less, most)
			}
		}
	})
}

// What is paid is at the bottom; the parts neither overlap nor leave a gap.
func TestThePartsOfAColumnAreStacked(t *testing.T) {
	rows := october()[:3]
	for i, phase := range []state.Phase{state.Settled, state.Accepted, state.Failed} {
		rows[i].Phase, rows[i].Amount, rows[i].SentAt = phase, inr([]int64{500, 300, 200}[i]), time.Date(2026, 10, 1, 9, i, 0, 0, refund.IST)
	}
	out := string(printed(t, func(w io.Writer) error { return view.ReportHTML(w, reportOf(t, rows)) }))
	for _, want := range []string{`data-part="paid" x="1" y="500" width="8" height="500"`, `data-part="open" x="1" y="200" width="8" height="300"`, `data-part="unpaid" x="1" y="0" width="8" height="200"`} {
		if !strings.Contains(out, want) {
			t.Errorf("no %s", want)
		}
	}
}
