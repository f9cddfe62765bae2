package cli

import (
	"fmt"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func manyNames(n int) (all proposals) {
	for i := range n {
		all = append(all, name{fmt.Sprintf("refund_%04d", i), func() string { return "" }})
	}
	return append(all, name{"refund_", func() string { return "itself a stem" }})
}

// Completing step by step reaches every name, and never proposes too many at once.
func TestCompletion_TooManyNamesAreShortenedAndAllCanBeReached(t *testing.T) {
	reached := map[string]bool{}
	var walk func(typed string)
	walk = func(typed string) {
		lines, then := manyNames(1000).proposed(typed)
		if len(lines) > mostNames {
			t.Errorf("%d names are proposed for %q", len(lines), typed)
		}
		for _, line := range lines {
			text, about, _ := strings.Cut(line, "\t")
			if !strings.HasSuffix(about, " of them") {
				reached[text] = true
				continue
			}
			if text == typed || !strings.HasPrefix(text, typed) || then&cobra.ShellCompDirectiveNoSpace == 0 {
				t.Fatalf("%q is proposed for %q with directive %d", line, typed, then)
			}
			walk(text)
		}
	}
	walk("")
	if len(reached) != 1001 {
		t.Errorf("%d of 1001 names can be reached", len(reached))
	}
}

func TestCompletion_FewNamesAreProposedWhole(t *testing.T) {
	lines, then := manyNames(1000).proposed("refund_01")
	if len(lines) != 100 || lines[0] != "refund_0100\t" || then != cobra.ShellCompDirectiveNoFileComp {
		t.Errorf("%d names, the first %q, with directive %d", len(lines), lines[0], then)
	}
}

// The arguments in the usage line of every command can be completed.
func TestCompletion_EveryArgumentOfAUsageLineCompletes(t *testing.T) {
	for _, c := range everyCommand((&app{}).root()) {
		words := strings.Fields(strings.TrimPrefix(c.Use, c.Name()))
		if len(words) > 0 && words[0] != "[command]" && c.ValidArgsFunction == nil && len(c.ValidArgs) == 0 {
			t.Errorf("refundctl %s: nothing completes %s", c.Use, words)
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			_, completes := c.GetFlagCompletionFunc(f.Name)
			if what, _ := pflag.UnquoteUsage(f); what == "file" && !completes {
				t.Errorf("%s --%s does not complete files", c.CommandPath(), f.Name)
			}
		})
	}
}
