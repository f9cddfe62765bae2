package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"refundctl/internal/sandbox"
	"refundctl/internal/task"
)

// sandboxFlags are the flags of the emulator.
type sandboxFlags struct {
	listen      string
	orders      string
	fault       string
	seed        uint64
	latency     time.Duration
	settleAfter time.Duration
	arnAfter    time.Duration
}

func (a *app) sandboxCommand() *cobra.Command {
	var f sandboxFlags
	c := &cobra.Command{
		Use:   "sandbox",
		Short: "Serve an emulator of the refund API on loopback",
		Long: `Serves an emulator of Cashfree's refund API under /pg, and of Flowwise's under
/router, until you interrupt it. The first line that it prints is its address.
It accepts the credentials in its own environment (CASHFREE_CLIENT_ID,
FLOWWISE_CLIENT_ID, ...). Flowwise accepts Cashfree's if it has none. If there
are none at all, it creates a pair and prints it. Everything is in memory.

` + sandbox.FaultHelp,
		Example: `  refundctl sandbox --orders sandbox.yaml
  refundctl sandbox --orders sandbox.yaml --fault drop-after=0.1 --seed 7`,
		Args: argsBetween(0, 0),
		RunE: func(c *cobra.Command, _ []string) error { return a.sandbox(c.Context(), f) },
	}
	c.Flags().StringVar(&f.listen, "listen", "127.0.0.1:0", "the loopback `address` to serve on; port 0 picks a free port")
	c.Flags().StringVar(&f.orders, "orders", "", "a `file` with the orders, payments and refunds that it knows")
	c.Flags().StringVar(&f.fault, "fault", "", "faults: NAME=CHANCE or NAME=#N, separated by commas")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "seed of the random faults: the same seed gives the same faults")
	c.Flags().DurationVar(&f.latency, "latency", 0, "delay before every answer")
	c.Flags().DurationVar(&f.settleAfter, "settle-after", sandbox.DefaultSettleAfter, "how long a refund stays PENDING")
	c.Flags().DurationVar(&f.arnAfter, "arn-after", sandbox.DefaultARNAfter, "how long after SUCCESS refund_arn and refund_utr stay null; negative: forever")
	return c
}

func (a *app) sandbox(ctx context.Context, f sandboxFlags) error {
	faults, err := sandbox.ParseFaults(f.fault)
	if err != nil {
		return fail(ExitInvalid, "see refundctl sandbox --help", "--fault: %v", err)
	}
	if host, _, err := net.SplitHostPort(f.listen); err != nil || !isLoopback("http://"+net.JoinHostPort(host, "1")) {
		return fail(ExitInvalid, "use 127.0.0.1:PORT or localhost:PORT", "--listen %q is not an address on loopback", f.listen)
	}
	var world sandbox.World
	if f.orders != "" {
		world, err = a.world(f.orders)
		if errors.Is(err, fs.ErrNotExist) {
			return fail(ExitInvalid, "name an existing file; refundctl schema world describes it", "--orders: %v", err)
		}
		if err != nil {
			return err
		}
	}
	credentials, made := a.accepted()
	router := a.known("FLOWWISE")
	server, err := sandbox.New(sandbox.Options{Clock: a.Clock, Credentials: credentials, Flowwise: router, World: world, Faults: faults,
		Seed: f.seed, Latency: f.latency, SettleAfter: f.settleAfter, ARNAfter: f.arnAfter})
	if err != nil {
		return fail(ExitInvalid, "see refundctl sandbox --help", "%v", err)
	}
	listener, err := net.Listen("tcp", f.listen)
	if err != nil {
		return fail(ExitError, "choose another address with --listen; 127.0.0.1:0 picks a free port", "%v", err)
	}
	_, _ = fmt.Fprintf(a.Out, "listening on http://%s\n", listener.Addr())
	_, _ = fmt.Fprintf(a.Out, "base_url: http://%s/pg\n", listener.Addr())
	if made {
		_, _ = fmt.Fprintf(a.Out, "export CASHFREE_CLIENT_ID=%s CASHFREE_CLIENT_SECRET=%s\n", credentials.ClientID, credentials.ClientSecret)
	}
	_, _ = fmt.Fprintf(a.Out, "base_url of api: flowwise: http://%s/router\n", listener.Addr())
	if made && router == (sandbox.Credentials{}) {
		_, _ = fmt.Fprintf(a.Out, "export FLOWWISE_CLIENT_ID=%s FLOWWISE_CLIENT_SECRET=%s\n", credentials.ClientID, credentials.ClientSecret)
	}
	return a.serve(ctx, listener, server)
}

// serve answers requests until ctx is done. An interrupt is the normal end of this command.
func (a *app) serve(ctx context.Context, l net.Listener, s *sandbox.Server) error {
	web := &http.Server{Handler: a.guarded(s), ReadHeaderTimeout: 10 * time.Second}
	task.AfterDone(ctx, func() {
		_ = s.Close()
		_ = web.Close()
	})
	if err := web.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// guarded reports a panic in the emulator and drops the connection. net/http would print the stack.
func (a *app) guarded(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := task.Call(func() error { h.ServeHTTP(w, r); return nil })
		if err != nil && !errors.Is(err, http.ErrAbortHandler) {
			a.complain(explain(err), false)
		}
		if err != nil {
			panic(http.ErrAbortHandler)
		}
	})
}

// accepted returns the credentials of the environment, or a pair created for this run.
func (a *app) accepted() (c sandbox.Credentials, made bool) {
	if c = a.known("CASHFREE"); c != (sandbox.Credentials{}) {
		return c, false
	}
	return sandbox.Credentials{ClientID: "TEST" + rand.Text()[:10], ClientSecret: "cfsk_ma_test_" + rand.Text()}, true
}

// known returns the credentials of the environment under a prefix.
func (a *app) known(prefix string) sandbox.Credentials {
	found := a.credentials(prefix)
	return sandbox.Credentials{ClientID: found.ClientID, ClientSecret: found.ClientSecret, PartnerKey: found.PartnerAPIKey,
		PartnerMerchantID: found.PartnerMerchantID, Signature: found.ClientSignature}
}
