package layout_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/schema"
	"refundctl/schema/layout"
)

func TestAWrittenRefundReadsBackUnchanged(t *testing.T) {
	dir := t.TempDir()
	words := rapid.OneOf(
		rapid.StringMatching(`[A-Za-z0-9 .,:;#'"{}\[\]&*!|>%?₹-]{3,60}`),
		rapid.SampledFrom([]string{"null", "true", "012345", "1e3", "- dash", "a: b", "a #b", "Größe für März", "~tilde"}),
	).Filter(func(s string) bool { return strings.TrimSpace(s) == s && strings.Trim(s, "0123456789 .-₹") != "" })
	id := rapid.StringMatching(`[A-Za-z0-9_][A-Za-z0-9_-]{2,30}`)
	rapid.Check(t, func(t *rapid.T) {
		want := refund.Spec{
			Account: "default", Kind: refund.Order, ParentID: id.Draw(t, "order"), RefundID: id.Draw(t, "refund"),
			Amount: money.Amount{Minor: rapid.Int64Range(100, 1e9).Draw(t, "amount"), Currency: money.INR},
			Note:   words.Draw(t, "note"), Labels: map[string]string{"ticket": words.Draw(t, "label")},
			Hold:           rapid.Bool().Draw(t, "hold"),
			NotDuplicateOf: rapid.SliceOfN(id, 0, 2).Draw(t, "not duplicate"),
		}
		file := filepath.Join(dir, "a.refunds.yaml")
		text := layout.WriteHead("", "default") + layout.WriteRefund(want)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := schema.Load(context.Background(), []string{file}, schema.Options{Root: dir})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range got.Diagnostics {
			if d.Code == "personal_data" || d.Code == "look_alike" || d.Code == "simulator_note" { // these are about the content, not about how it is written
				return
			}
		}
		if diff := cmp.Diff([]refund.Spec{want}, got.Specs, cmpopts.IgnoreFields(refund.Spec{}, "Source"), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("(-written +read)\n%s\n%s\n%v", diff, text, got.Diagnostics)
		}
	})
}
