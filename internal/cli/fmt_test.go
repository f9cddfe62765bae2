package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"refundctl/schema/layout"
	"refundctl/state/local"
)

// Without the lock, a row that another command adds between the last read of a file and its replacement would be
// lost. Commands that write nothing do not wait.
func TestCommandsWriteManifestsOneAfterAnother(t *testing.T) {
	const manifest = "version: 1\nrefunds:\n- {order_id: order_1,refund_id: refund_1,refund_amount: 1}\n"
	dir := t.TempDir()
	t.Chdir(dir)
	for name, text := range map[string]string{
		configName: "version: 1\naccounts:\n  default: {environment: embedded}\n", "refunds/a.yaml": manifest, "s.csv": "order_id,amount\norder_2,5\n",
	} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	run := func(patience time.Duration, args ...string) error {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		root := (&app{Streams: Streams{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard, Env: func(string) string { return "" }}}).root()
		root.SetArgs(args)
		return root.ExecuteContext(ctx)
	}
	if err := os.Mkdir(".refundctl", 0o700); err != nil {
		t.Fatal(err)
	}
	release, err := local.Exclusive(t.Context(), filepath.Join(dir, ".refundctl", "manifests.lock"))
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"fmt"}, {"fmt", "refunds/a.yaml"}, {"import", "csv", "s.csv", "--batch", "s"}} {
		if err := run(300*time.Millisecond, args...); err == nil {
			t.Errorf("%v does not wait", args)
		}
	}
	if got, _ := os.ReadFile("refunds/a.yaml"); !bytes.Equal(got, []byte(manifest)) {
		t.Errorf("written meanwhile: %s", got)
	}
	if _, err := os.Stat("refunds/s.refunds.yaml"); err == nil {
		t.Error("imported meanwhile")
	}
	if err := run(time.Minute, "fmt", "--check"); explain(err).code != ExitChanges {
		t.Errorf("--check: %v", err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if err := run(time.Minute, "fmt"); err != nil {
		t.Error(err)
	}
}

func TestFmt_HelpListsTheOrderOfFields(t *testing.T) {
	help := strings.Join(strings.Fields((&app{}).fmtCommand().Long), " ")
	_, text, _ := strings.Cut(help, "Fields are in this order: ")
	for i, part := range strings.SplitN(text, ";", 3) {
		part, _, _ = strings.Cut(part, ".")
		part = strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(part), "in a refund "), "in a share ")
		fields := strings.Split(part, ", ")
		given := slices.Clone(fields)
		slices.Reverse(given)
		before := []string{"{", "refunds: [{", "refunds: [{refund_splits: [{"}[i]
		after := []string{"}\n", "}]\n", "}]}]\n"}[i]
		laid, found, err := layout.FormatText("a.yaml", []byte(before+strings.Join(given, ": 1, ")+": 1"+after))
		if want := before + strings.Join(fields, ": 1, ") + ": 1" + after; string(laid) != want || len(fields) < 2 || len(found) > 0 || err != nil {
			t.Errorf("%v %v\n%s, not\n%s", found, err, laid, want)
		}
	}
}
