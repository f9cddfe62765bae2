package plan_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"refundctl/plan"
)

func TestTheSpansOfADifferenceJoinToEitherText(t *testing.T) {
	word := rapid.SampledFrom([]string{"size", "exchange", "refund", " ", "₹", "क", "[-", "+}", "\n"})
	rapid.Check(t, func(t *rapid.T) {
		want := strings.Join(rapid.SliceOf(word).Draw(t, "want"), "")
		live := strings.Join(rapid.SliceOf(word).Draw(t, "live"), "")
		var left, right strings.Builder
		for _, part := range plan.DiffText(want, live) {
			if part.Text == "" || !utf8.ValidString(part.Text) {
				t.Errorf("a part is %q", part.Text)
			}
			if part.Op != plan.Added {
				left.WriteString(part.Text)
			}
			if part.Op != plan.Removed {
				right.WriteString(part.Text)
			}
		}
		if left.String() != want || right.String() != live {
			t.Errorf("%q and %q become %q and %q", want, live, left.String(), right.String())
		}
	})
}

func TestADifferenceOnOneLineMarksBothSides(t *testing.T) {
	if got := plan.InLine(plan.DiffText("size exchange, June", "size refund, June")); got != "size [-exchange-]{+refund+}, June" {
		t.Error(got)
	}
}

func TestADifferenceOfTextsIsShownInOneLine(t *testing.T) {
	for _, c := range [][3]string{
		{"one two", "one two", "one two"}, {"", "new", "{+new+}"}, {"old", "", "[-old-]"}, {"ticket 17", "ticket 18", "ticket 1[-7-]{+8+}"},
	} {
		if got := plan.InLine(plan.DiffText(c[0], c[1])); got != c[2] {
			t.Errorf("%q to %q: %s, want %s", c[0], c[1], got, c[2])
		}
	}
}

func TestADifferenceOfListsKeepsTheElementsWhole(t *testing.T) {
	for _, c := range []struct {
		before, after []string
		want          string
	}{
		{nil, nil, ""},
		{nil, []string{"a 1"}, "{+a 1+}"},
		{[]string{"a 1"}, nil, "[-a 1-]"},
		{[]string{"a 1", "b 2"}, []string{"a 1", "b 2"}, "a 1, b 2"},
		{[]string{"a 100", "b 2"}, []string{"a 10", "b 2"}, "[-a 100-]{+a 10+}, b 2"},
		{[]string{"a 1", "b 2"}, []string{"b 2"}, "[-a 1, -]b 2"},
		{[]string{"a 1"}, []string{"a 1", "b 2"}, "a 1{+, b 2+}"},
	} {
		if got := plan.InLine(plan.DiffLists(c.before, c.after)); got != c.want {
			t.Errorf("%q to %q: %s, want %s", c.before, c.after, got, c.want)
		}
	}
}
