package cli

import (
	"slices"
	"strings"
	"testing"

	"refundctl/schema"
)

func TestHelpTellsTheOrderThatFieldsGet(t *testing.T) {
	help := strings.Join(strings.Fields((&app{}).fmtCommand().Long), " ")
	_, text, _ := strings.Cut(help, "Fields stand in this order: ")
	for i, part := range strings.SplitN(text, ";", 3) {
		part, _, _ = strings.Cut(part, ".")
		part = strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(part), "in a refund "), "in a share ")
		told := strings.Split(part, ", ")
		given := slices.Clone(told)
		slices.Reverse(given)
		before := []string{"{", "refunds: [{", "refunds: [{refund_splits: [{"}[i]
		after := []string{"}\n", "}]\n", "}]}]\n"}[i]
		laid, found, err := schema.FormatText("a.yaml", []byte(before+strings.Join(given, ": 1, ")+": 1"+after))
		if want := before + strings.Join(told, ": 1, ") + ": 1" + after; string(laid) != want || len(told) < 2 || len(found) > 0 || err != nil {
			t.Errorf("%v %v\n%s, not\n%s", found, err, laid, want)
		}
	}
}
