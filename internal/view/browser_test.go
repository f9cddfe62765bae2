package view_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"refundctl/internal/view"
	"refundctl/plan"
)

// browser finds Chromium. Its absence fails a run of CI and is said by any other.
func browser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("no chromium, chromium-browser or google-chrome on PATH")
	}
	t.Skip("NOT RUN: the HTML page was not opened, since no chromium, chromium-browser or google-chrome is on PATH")
	return ""
}

// tab is one page in a browser of its own, and what the browser complained of or asked the network for.
type tab struct {
	t        *testing.T
	ctx      context.Context
	mu       sync.Mutex
	troubles []string
}

// open shows a plan's page.
func open(t *testing.T, p *plan.Plan) *tab {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(browser(t)), chromedp.NoSandbox,
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND"), chromedp.WSURLReadTimeout(patience))
	alloc, cancelAlloc := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancelAlloc)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	page := &tab{t: t, ctx: ctx}
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Listen(ctx, page.hear); err != nil {
		t.Fatal(err)
	}
	call(page, network.Enable, network.EnableParams{})
	call(page, log.Enable, cdp.Empty{})
	page.show(p)
	return page
}

// show opens another plan's page in the same tab.
func (p *tab) show(of *plan.Plan) {
	p.t.Helper()
	file := filepath.Join(p.t.TempDir(), "plan.html")
	if err := os.WriteFile(file, []byte(rendered(p.t, view.HTML, of)), 0o600); err != nil {
		p.t.Fatal(err)
	}
	p.do(chromedp.Navigate("file://" + file))
}

// patience is how long one step may take on a busy machine.
const patience = 2 * time.Minute

// hear keeps console messages, errors, blocked resources and every request but that for the file.
func (p *tab) hear(event any) {
	var trouble string
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		trouble = "console: " + string(e.Type)
	case *runtime.EventExceptionThrown:
		trouble = "exception: " + e.ExceptionDetails.Text
	case *log.EventEntryAdded:
		trouble = "log: " + e.Entry.Text
	case *network.EventRequestWillBeSent:
		if !strings.HasSuffix(e.Request.URL, "/plan.html") {
			trouble = "request: " + e.Request.URL
		}
	}
	if trouble != "" {
		p.mu.Lock()
		p.troubles = append(p.troubles, trouble)
		p.mu.Unlock()
	}
}

func (p *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	result(p, chromedp.Steps(steps...))
}

// result is the value of a step that must succeed.
func result[T any](p *tab, step chromedp.Action[T]) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, step)
	if err != nil {
		p.t.Fatal(err)
	}
	return value
}

// call sends a command of the browser's protocol.
func call[P, R any](p *tab, command cdp.Command[P, R], params P) R {
	p.t.Helper()
	answer, err := chromedp.Call(p.ctx, command, params)
	if err != nil {
		p.t.Fatal(err)
	}
	return answer
}

// js is the text that an expression of the page's script has.
func (p *tab) js(expression string) string {
	p.t.Helper()
	return result(p, chromedp.Evaluate[string]("String("+expression+")"))
}

func (p *tab) wants(expression, want string) {
	p.t.Helper()
	if got := p.js(expression); got != want {
		p.t.Errorf("%s is %q, not %q", expression, got, want)
	}
}

// until waits for the text that an expression is to have.
func (p *tab) until(expression, want string) {
	p.t.Helper()
	result(p, chromedp.Poll[bool](fmt.Sprintf("(%s) === %q", expression, want)))
}

// calm fails if the browser complained.
func (p *tab) calm() {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, trouble := range p.troubles {
		p.t.Error(trouble)
	}
}
