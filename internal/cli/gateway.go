package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"
	"time"

	"refundctl/apply"
	"refundctl/internal/cashfree"
	"refundctl/internal/diag"
	"refundctl/internal/sandbox"
	"refundctl/internal/view"
	"refundctl/plan"
	"refundctl/schema"
)

// worldName is the file beside the configuration with the orders that the embedded emulator knows.
const worldName = "sandbox.yaml"

// gateways are the API clients of the accounts.
type gateways struct {
	accounts []plan.Account
	clients  map[string]*cashfree.Client // by fingerprint
	closers  []func() error
}

func (g *gateways) close() {
	for _, c := range g.closers {
		_ = c() // closes idle connections, and an emulator whose writes are already durable
	}
}

func (g *gateways) readers() map[string]plan.Reader {
	m := make(map[string]plan.Reader, len(g.clients))
	for f, c := range g.clients {
		m[f] = c
	}
	return m
}

func (g *gateways) all() map[string]apply.Gateway {
	m := make(map[string]apply.Gateway, len(g.clients))
	for f, c := range g.clients {
		m[f] = apply.Gateway{Reader: c, Issuer: crashingIssuer(c)}
	}
	return m
}

// open makes a client for each account.
func (a *app) open(p *project, accounts []account) (*gateways, error) {
	g := &gateways{clients: map[string]*cashfree.Client{}}
	var emulator *sandbox.Server
	for _, one := range accounts {
		var transport http.RoundTripper
		if one.Environment == embedded {
			if emulator == nil {
				var err error
				if emulator, err = a.embedded(p); err != nil {
					g.close()
					return nil, err
				}
				g.closers = append(g.closers, emulator.Close)
			}
			transport = emulator.Transport()
		}
		client, err := cashfree.New(a.clientOptions(p, one, transport))
		if err != nil {
			g.close()
			return nil, fail(ExitCredentials, "see accounts in "+p.file, "account %s: %v", one.Name, err)
		}
		g.clients[one.fingerprint] = client
		a.remembersHost(one.host())
		g.accounts = append(g.accounts, one.planned(client.Allowed()))
		g.closers = append(g.closers, func() error { client.Close(); return nil })
	}
	return g, nil
}

func (a *app) clientOptions(p *project, one account, transport http.RoundTripper) cashfree.Options {
	r := one.RequestsPerMinute
	o := cashfree.Options{
		API: one.api, BaseURL: one.baseURL, APIVersion: one.version(), Credentials: one.credentials, Transport: transport,
		Timeout: p.RequestTimeout, Parallelism: p.Parallelism, Documented: one.documented, Headroom: headroom(p.Headroom),
		RequestsPerMinute: cashfree.Rates{Create: r.Create, Refund: r.Refund, Order: r.Order, Payments: r.Payments},
		Clock:             a.Clock, UserAgent: "refundctl/" + version(),
	}
	if a.line != nil {
		o.Waiting = func(until time.Time) { a.line.Wait(one.Name, until) }
	}
	if a.verbose {
		o.Observe = a.exchange
	}
	return o
}

// headroom returns the setting as the client expects it: there, 0 means the default and -1 means none.
func headroom(percent int) int {
	if percent == 0 {
		return -1
	}
	return percent
}

// exchange logs one request, for --verbose.
func (a *app) exchange(e cashfree.Exchange) {
	if a.logFormat == "json" || a.jsonLines {
		line, err := json.Marshal(struct {
			Method    string `json:"method"`
			Path      string `json:"path"`
			HTTP      int    `json:"http"`
			Try       int    `json:"try"`
			Millis    int64  `json:"ms"`
			RequestID string `json:"request_id"`
			Problem   string `json:"problem,omitempty"`
		}{e.Method, e.Path, e.HTTP, e.Try, e.Duration.Milliseconds(), e.RequestID, e.Problem})
		if err == nil {
			_, _ = fmt.Fprintf(a.Err, "%s\n", plan.EscapeJSON(line))
		}
		return
	}
	_, _ = fmt.Fprintf(a.Err, "%s %s -> %d in %s (request %s) %s\n", e.Method, view.Escape(e.Path), e.HTTP,
		e.Duration.Round(time.Millisecond), e.RequestID, view.Escape(e.Problem))
}

// embedded starts the emulator in this process, with its data under .refundctl.
func (a *app) embedded(p *project) (*sandbox.Server, error) {
	file := filepath.Join(p.root, worldName)
	if schema.Outside(p.root, file) {
		return nil, fail(ExitInvalid, "replace the link with the file itself", "%s is a link that points outside the project, so it is not read", file)
	}
	world, err := a.world(file)
	if errors.Is(err, fs.ErrNotExist) {
		world, err = sandbox.World{}, nil
	}
	if err != nil {
		return nil, err
	}
	dir, err := p.memory()
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"sandbox.jsonl", "sandbox.jsonl.lock"} {
		if err := plainFile(filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	s, err := sandbox.New(sandbox.Options{Clock: a.Clock, World: world, SettleAfter: sandbox.DefaultSettleAfter, ARNAfter: sandbox.DefaultARNAfter,
		DataFile: filepath.Join(dir, "sandbox.jsonl")})
	if err != nil {
		return nil, fail(ExitError, "delete the emulator's data: .refundctl/sandbox.jsonl", "%v", err)
	}
	return s, nil
}

// world reads the emulator's file, and prints its problems.
func (a *app) world(file string) (sandbox.World, error) {
	world, problems, err := sandbox.LoadWorld(file)
	if err != nil {
		return world, err
	}
	if len(problems) > 0 {
		_ = a.diagnostics(problems)
	}
	if diag.HasError(problems) {
		return world, quit(ExitInvalid)
	}
	return world, nil
}
