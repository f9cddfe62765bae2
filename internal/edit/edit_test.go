package edit

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/schema"
	"refundctl/state"
	"refundctl/state/statetest"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func inr(rupees int64) money.Amount { return money.Amount{Minor: rupees * 100, Currency: money.INR} }

// row is a refund of an order.
func row(order, id string, rupees int64) refund.Spec {
	return refund.Spec{Account: "default", Kind: refund.Order, ParentID: order, RefundID: id, Amount: inr(rupees)}
}

// account is the one that the fixture's ledger is bound to.
var account = schema.ConfigAccount{Name: "default", API: "cashfree", Environment: "sandbox"}

// merchant is the fingerprint of account.
func merchant() string { return refund.Fingerprint("cashfree", "sandbox", "merchant") }

// project makes a project of these files, by their names.
func project(t *testing.T, files map[string]string) Project {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	for name, text := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.WriteFile(path, []byte(text), 0o644))
	}
	return Project{Root: root, File: filepath.Join(root, "refundctl.yaml"),
		Config: schema.Config{Manifests: []string{"refunds/"}, Accounts: []schema.ConfigAccount{account}}}
}

// outcome is what the ledger knows of a refund: the phase and, if the API has it, its status.
type outcome struct {
	order, id string
	phase     state.Phase
	status    refund.Status
}

// editor returns an editor of a project whose ledger has these refunds of ₹10.00, in this order.
func editor(t *testing.T, p Project, known ...outcome) *Editor {
	t.Helper()
	ctx := context.Background()
	disk := &statetest.Disk{}
	s := statetest.Open(t, disk.Backend())
	must(t, s.Bind(ctx, state.Binding{Account: "default", API: "cashfree", Environment: "sandbox", Fingerprint: merchant()}))
	for _, k := range known {
		in := statetest.Intent(k.order, k.id)
		must(t, s.Begin(ctx, in))
		if k.phase == state.Intended {
			continue
		}
		out := statetest.Accepted(in)
		out.Phase, out.Status = k.phase, k.status
		if !k.phase.Sent() {
			out.CfRefundID, out.Class, out.HTTP = "", "refused", 400
		}
		must(t, s.Finish(ctx, out))
	}
	must(t, s.Close())
	st, _, err := state.Load(ctx, disk.Backend())
	must(t, err)
	loaded, err := schema.Load(ctx, p.Manifests, p.options())
	must(t, err)
	return &Editor{Project: p, Loaded: loaded, State: st, Events: func(ctx context.Context, id string) ([]state.HistoryEvent, error) {
		r, err := disk.Backend().Read(ctx)
		if err != nil {
			return nil, err
		}
		defer r.(io.Closer).Close()
		return state.History(ctx, r, id)
	}}
}

// refusedFor fails the test unless err is a refusal with this reason.
func refusedFor(t *testing.T, err error, want Why) {
	t.Helper()
	var refused *Refusal
	if !errors.As(err, &refused) || refused.Why != want {
		t.Errorf("%v, want a refusal %d", err, want)
	}
}

// read returns the text of a file of the project.
func read(t *testing.T, p Project, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(p.Root, filepath.FromSlash(name)))
	must(t, err)
	return string(text)
}
