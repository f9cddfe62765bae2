package schema_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"refundctl/schema"
)

func TestParseReadsWhatLoadReads(t *testing.T) {
	for _, text := range []string{
		"version: 1\nrefunds:\n  - {order_id: order_1, refund_id: r_1, refund_amount: 10}\n  - {order_id: order_1, refund_id: r_1, refund_amount: 0}\n",
		"version: 1\nrefunds: [\n", "", "\xFF\xFE",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "a.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		want, err := schema.Load(context.Background(), []string{"a.yaml"}, schema.Options{Root: dir})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, schema.Parse("a.yaml", []byte(text), schema.Options{})); diff != "" {
			t.Errorf("%q: (-loaded +parsed)\n%s", text, diff)
		}
	}
}

func TestFitsAcceptsWhatLoadReads(t *testing.T) {
	for name, c := range map[string]struct {
		text []byte
		want bool
	}{
		"usual":           {[]byte("version: 1\nrefunds: []\n"), true},
		"too many values": {bytes.Repeat([]byte("-"), 4_000_001), false},
		"too many bytes":  {bytes.Repeat([]byte("x"), 64<<20+1), false},
	} {
		if got := schema.Fits(c.text); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
