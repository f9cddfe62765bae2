package view_test

import (
	"fmt"
	"io"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
	"pgregory.net/rapid"

	"refundctl/internal/view"
	"refundctl/plan"
)

const (
	visible = `[...document.querySelectorAll(".rows > li")].filter((row) => row.checkVisibility())`
	ids     = `(` + visible + `).map((row) => row.querySelector(".id").textContent).join(" ")`
	shown   = `document.getElementById("shown").textContent`
)

// rich is the detailed plan with more money than a double can count.
func rich() *plan.Plan {
	p := detailed()
	for i := range p.Changes {
		switch c := &p.Changes[i]; {
		case c.Action == plan.Held:
			c.Amount = inr(math.MaxInt64 / 4)
		case c.Amount.Currency == "JPY":
			c.Amount.Minor = 1234567
		}
	}
	return p
}

func TestThePageFiltersByActionWithTheRightCountAndMoney(t *testing.T) {
	p := rich()
	page := open(t, p)
	page.wants(`(`+visible+`).length`, fmt.Sprint(unfolded(p)))
	totals := p.Summary()
	whole := page.js(shown)
	for _, a := range plan.Actions {
		chip := chromedp.CSS(`input[value=` + a.String() + `]`)
		page.do(chromedp.Click(chip))
		want := fmt.Sprintf("%d refund", totals[a].Count)
		if totals[a].Count != 1 {
			want += "s"
		}
		for _, sum := range totals[a].Amounts {
			want += " · " + sum.Human()
		}
		if a == plan.Failed {
			want += " · 1 superseded, not counted"
		}
		page.wants(shown, want+" — of "+whole)
		page.wants(`(`+visible+`).every((row) => row.dataset.action === "`+a.String()+`")`, "true")
		page.wants(`(`+visible+`).length`, fmt.Sprint(len(p.Rows(a))))
		page.do(chromedp.Click(chip))
		page.wants(shown, whole)
	}
	page.do(chromedp.Click(chromedp.CSS(`input[value=create]`)), chromedp.Click(chromedp.CSS(`input[value=held]`)))
	page.wants(`(`+visible+`).length`, fmt.Sprint(len(p.Rows(plan.Create))+len(p.Rows(plan.Held))))
	page.do(chromedp.Click(chromedp.CSS(`button[type=reset]`)))
	page.until(shown, whole)
	page.wants(`(`+visible+`).length`, fmt.Sprint(unfolded(p)))
	page.calm()
}

// unfolded is how many rows of a short plan are not folded.
func unfolded(p *plan.Plan) int {
	n := 0
	for _, c := range p.Changes {
		if c.Pressing() || c.Action == plan.Create || c.Action == plan.Held {
			n++
		}
	}
	return n
}

// However many rows a plan has, the create and the blocked row are near the top of the page, or counted there.
func TestThePageShowsFirstWhatMustBeDecided(t *testing.T) {
	page := open(t, few())
	plans := burying()
	for _, name := range []string{"a few blocked", "everything", "blocked, and creates"} {
		page.show(plans[name])
		const above = `[...document.querySelectorAll(".part")].filter((e) => e.checkVisibility() && e.getBoundingClientRect().top < 2500).map((e) => e.innerText).join("\n")`
		if text := page.js(above); !strings.Contains(text, "to send") || !strings.Contains(text, "the_reason") && !strings.Contains(text, "the_blocked") {
			t.Errorf("%s: the top of the page has only\n%.3000s", name, text)
		}
	}
}

func TestThePageFiltersByOrderRefundAndLabel(t *testing.T) {
	page := open(t, detailed())
	whole := page.js(shown)
	for _, c := range []struct{ box, text, want string }{
		{"order", "order_2", "r_over_1 r_over_2"},
		{"order", "ORDER_2 over_2", "r_over_2"},
		{"order", "pay_summer", "refund_flowwise_001"},
		{"order", "r_conflict", "r_conflict"},
		{"order", "no such order", ""},
		{"label", "ticket=CS-441", "r_over_1 refund_summer_fashion_001_size"},
		{"label", "cs-4411", "refund_summer_fashion_001_size"},
		{"label", "returns ticket", "refund_summer_fashion_001_size"},
		{"label", "order_2", ""},
	} {
		page.do(chromedp.SendKeys(chromedp.CSS(`input[name=`+c.box+`]`), c.text))
		page.wants(ids, c.want)
		if n := len(strings.Fields(c.want)); !strings.HasPrefix(page.js(shown), fmt.Sprintf("%d refund", n)) {
			t.Errorf("%q: %d rows, but %s", c.text, n, page.js(shown))
		}
		page.do(chromedp.Click(chromedp.CSS(`button[type=reset]`)))
		page.until(shown, whole)
	}
	page.calm()
}

func TestForeignTextNeverRunsInThePage(t *testing.T) {
	const census = `[...document.querySelectorAll("*")].map((e) => e.tagName + "[" + [...e.attributes].map((a) => a.name) + "]").join(" ")`
	page := open(t, filled("Zq9"))
	want := page.js(census)
	one := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	texts := append([]string{`"><img onerror=document.title='hit' src=x>`, `</script><script>document.title="hit"</script>`, `javascript:document.title="hit"`}, markups...)
	for _, text := range texts {
		page.show(filled(text))
		if got := page.js(census); got != want {
			t.Errorf("%q: other elements than with a harmless text", text)
		}
		page.wants(`document.scripts.length + " " + document.querySelectorAll("img, a, iframe, object, [onerror], [onload]").length`, "1 0")
		if title := page.js(`document.title`); title == "hit" {
			t.Errorf("%q ran", text)
		}
		if all := one(page.js(`document.body.textContent`)); strings.Count(all, one(view.Escape(text))) < 50 {
			t.Errorf("%q does not read as the original", text)
		}
	}
	page.calm()
}

// The browser itself opens what is folded.
func TestThePageHasEveryRowWithoutItsScript(t *testing.T) {
	page := open(t, few())
	call(page, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	p := detailed()
	page.show(p)
	page.wants(`(`+visible+`).length`, fmt.Sprint(unfolded(p)))
	page.wants(`document.querySelectorAll(".rows > li").length`, fmt.Sprint(len(p.Changes)))
	page.wants(`document.getElementById("filter").checkVisibility()`, "false")
}

func TestThePageFitsAPhone(t *testing.T) {
	page := open(t, detailed())
	page.do(chromedp.EmulateViewport(360, 740))
	page.wants(`document.documentElement.scrollWidth`, "360")
	page.show(wordy(1, strings.Repeat("long", 100)))
	page.wants(`document.documentElement.scrollWidth`, "360")
}

// The time is that of the page's thread: it loads nothing and waits for nothing, and how long other
// programs keep the processor is not the page's doing.
func TestThePageOf10000RefundsOpensInUnderTwoSeconds(t *testing.T) {
	page := open(t, few())
	call(page, performance.Enable, performance.EnableParams{TimeDomain: performance.EnableTimeDomainThreadTicks})
	page.show(large(10000))
	metrics := call(page, performance.GetMetrics, cdp.Empty{}).Metrics
	i := slices.IndexFunc(metrics, func(m *performance.Metric) bool { return m.Name == "ThreadTime" })
	if i < 0 {
		t.Fatal("the browser does not report the time of the thread")
	}
	t.Logf("%.2f s of work; loaded after %s ms", metrics[i].Value, page.js(`Math.ceil(performance.getEntriesByType("navigation")[0].loadEventEnd)`))
	if metrics[i].Value >= 2 || metrics[i].Value == 0 {
		t.Errorf("%.2f s", metrics[i].Value)
	}
	page.wants(`document.querySelectorAll(".rows > li").length`, "10000")
	page.calm()
}

func TestThePageMarksWhatDiffersInAConflict(t *testing.T) {
	page := open(t, detailed())
	page.wants(`[...document.querySelectorAll("[data-action=conflict] .diff")].map((e) => e.innerHTML.replaceAll(/<\/?span[^>]*>/g, "")).join("\n")`,
		"order_id <del>order_summer_fashion_001</del><ins>order_summer_fashion_010</ins>\n"+
			"payment_id <del>pay_1</del><ins>pay_2</ins>\n"+
			"refund_amount <del>₹1.00</del><ins>₹2.00</ins>\n"+
			"refund_splits <del>Vendor01 ₹0.50</del><ins>Vendor02 ₹0.60</ins>\n"+
			"refund_note Customer requested size <del>exchange</del><ins>refund</ins>")
}

func TestABarIsAsLongAsItsShareOfTheMoney(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.Int64Range(1, math.MaxInt64/2).Draw(t, "part")
		rest := rapid.Int64Range(0, math.MaxInt64/2).Draw(t, "rest")
		p := settledPlan(2)
		p.Changes[0].Action, p.Changes[0].Amount, p.Changes[1].Amount = plan.Held, inr(part), inr(rest)
		all := new(big.Int).Add(big.NewInt(part), big.NewInt(rest))
		share := new(big.Int).Div(new(big.Int).Mul(big.NewInt(part), big.NewInt(1000)), all).Int64()
		var b strings.Builder
		if err := view.PlanHTML(&b, p, view.PlanFile{}); err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf(`class="bar" width="%d"`, max(share, 4)); !strings.Contains(b.String(), want) {
			t.Errorf("no %s for %d of %s", want, part, all)
		}
	})
}

func TestThePageLoadsNothing(t *testing.T) {
	out := rendered(t, view.HTML, detailed())
	for _, word := range []string{"src=", "href=", "url(", "@import", "fetch(", "http:", "https:", " style=", "onclick", "import("} {
		if strings.Contains(out, word) {
			t.Errorf("%q is in the page", word)
		}
	}
	if strings.Count(out, "Content-Security-Policy") != 1 || !strings.Contains(out, "default-src &#39;none&#39;") {
		t.Error("no policy")
	}
}

func BenchmarkPlanHTML10000(b *testing.B) {
	p := large(10000)
	for b.Loop() {
		if err := view.PlanHTML(io.Discard, p, view.PlanFile{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPlanMarkdown10000(b *testing.B) {
	p := large(10000)
	for b.Loop() {
		if err := view.PlanMarkdown(io.Discard, p, view.PlanFile{}, view.PlanOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
