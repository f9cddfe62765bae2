package cli

import (
	"context"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/internal/task"
	"refundctl/state"
)

const (
	// patience is how long a completion may look for names. Then it proposes what it has found.
	patience = 300 * time.Millisecond
	// mostNames is how many names are proposed one by one. More make a shell slow, and nobody reads them.
	mostNames = 200
)

// completeRefundIDs proposes the refunds of the manifests and of the ledger.
func (a *app) completeRefundIDs(c *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return a.knownRefundsOf(c).refunds(func(knownRefund) bool { return true }).proposed(typed)
}

// completeRemembered proposes the refunds of the ledger.
func (a *app) completeRemembered(c *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return a.knownRefundsOf(c).refunds(func(r knownRefund) bool { return r.phase != "" }).proposed(typed)
}

// completePhases proposes the refunds that are in one of these phases in the ledger.
func (a *app) completePhases(phases ...state.Phase) cobra.CompletionFunc {
	return func(c *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return a.knownRefundsOf(c).refunds(func(r knownRefund) bool { return slices.Contains(phases, r.phase) }).proposed(typed)
	}
}

// completeParents proposes the orders, subscriptions and payments of the manifests and of the ledger.
func (a *app) completeParents(c *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return a.knownRefundsOf(c).parents().proposed(typed)
}

// completeTargets proposes what --target and --exclude select: refunds of the manifests, and their parents.
func (a *app) completeTargets(c *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	asked := slices.DeleteFunc(a.knownRefundsOf(c), func(r knownRefund) bool { return !r.asked })
	return append(asked.refunds(func(knownRefund) bool { return true }), asked.parents()...).proposed(typed)
}

// completeFinding proposes the refunds in doubt, then the possible findings about one.
func (a *app) completeFinding(c *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if id, _, found := strings.Cut(typed, "="); found {
		return []cobra.Completion{id + "=sent\tCashfree has it", id + "=not-sent\tCashfree never got it"}, cobra.ShellCompDirectiveNoFileComp
	}
	ids, then := a.completePhases(state.Intended)(c, args, typed)
	if then&cobra.ShellCompDirectiveNoSpace == 0 { // not cut off
		for i, proposal := range ids {
			id, about, _ := strings.Cut(proposal, "\t")
			ids[i] = cobra.CompletionWithDesc(id+"=", about)
		}
	}
	return ids, then | cobra.ShellCompDirectiveNoSpace
}

// knownRefund is a refund in the manifests or the ledger.
type knownRefund struct {
	refundID, parentID string
	amount             written
	asked, held        bool
	phase              state.Phase // empty if the ledger does not show it
	status             refund.Status
}

// written is an amount that is not parsed yet.
type written struct{ digits, currency string }

type knownRefunds []knownRefund

// knownRefundsOf returns the refunds that a quick scan of manifests and ledger finds, each refund_id once. Other
// commands report what is wrong with the files.
func (a *app) knownRefundsOf(c *cobra.Command) (all knownRefunds) {
	p := a.projectAtHand(c)
	if p == nil {
		return nil
	}
	desired, remembered := quickRead(c.Context(), p)
	at := map[string]int{}
	find := func(id string) *knownRefund {
		if i, known := at[id]; known {
			return &all[i]
		}
		at[id] = len(all)
		all = append(all, knownRefund{refundID: id})
		return &all[at[id]]
	}
	for _, g := range desired {
		r := find(g.refundID)
		r.parentID, r.amount, r.asked, r.held = g.parentID, written{g.amount, firstOf(g.currency, string(money.INR))}, true, g.hold
	}
	for _, g := range remembered {
		r := find(g.RefundID)
		r.parentID, r.phase, r.status = g.ParentID, g.Phase, g.Status
		if g.Amount != "" {
			r.amount = written{g.Amount, g.Currency}
		}
	}
	return all
}

// quickRead scans the manifests and the ledger in parallel, for as long as patience allows.
func quickRead(ctx context.Context, p *project) (desired []scannedRefund, remembered []state.ScannedRefund) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	group := task.New()
	group.Go(func() error {
		desired = quickScan(ctx, p.Manifests, p.root)
		return nil
	})
	group.Go(func() error {
		ledger, err := openLedger(p.statePath())
		if err != nil {
			return err
		}
		r, err := ledger.Read(ctx)
		if err != nil {
			return err
		}
		defer r.Close()
		remembered = state.QuickScan(ctx, r)
		return nil
	})
	_ = group.Wait() // a ledger that cannot be read proposes nothing
	return desired, remembered
}

// projectAtHand returns the project of the command line that is being completed, or nil. It prints nothing, since
// that would disturb the person who types.
func (a *app) projectAtHand(c *cobra.Command) *project {
	a.Err, a.Environ = io.Discard, nil
	if a.begin(c) != nil {
		return nil
	}
	a.account = "" // the command itself reports an unknown one
	var s settings
	if f := c.Flags().Lookup("state"); f != nil {
		s.state = f.Value.String()
	}
	p, err := a.project(s)
	if err != nil {
		return nil
	}
	return p
}

// name is a text to propose, with its description.
type name struct {
	text  string
	about func() string
}

type proposals []name

func (s knownRefunds) refunds(keep func(knownRefund) bool) (all proposals) {
	for _, r := range s {
		if keep(r) {
			all = append(all, name{r.refundID, r.about})
		}
	}
	return all
}

func (s knownRefunds) parents() (all proposals) {
	count := map[string]int{}
	for _, r := range s {
		if count[r.parentID]++; count[r.parentID] == 1 {
			all = append(all, name{r.parentID, func() string { return refundCount(count[r.parentID]) }})
		}
	}
	return all
}

// about describes a refund in a few words.
func (r knownRefund) about() string {
	var words []string
	if amount, err := money.Parse(r.amount.digits, money.Currency(r.amount.currency)); err == nil {
		words = append(words, amount.Human())
	}
	switch {
	case r.status.Known():
		words = append(words, string(r.status))
	case phaseWords[r.phase] != "":
		words = append(words, phaseWords[r.phase])
	case r.held:
		words = append(words, "held")
	}
	if typable(r.parentID) {
		words = append(words, r.parentID)
	}
	return strings.Join(words, " · ")
}

// phaseWords name the phases without a status of the API.
var phaseWords = map[state.Phase]string{state.Intended: "in doubt", state.Refused: "refused", state.NotSent: "not sent"}

// proposed returns the names that start with what is typed. If there are too many, it returns their beginnings up
// to the first character in which they differ, as a shell does with folders.
func (p proposals) proposed(typed string) (lines []cobra.Completion, then cobra.ShellCompDirective) {
	p = slices.DeleteFunc(p, func(n name) bool { return !strings.HasPrefix(n.text, typed) || !typable(n.text) })
	slices.SortFunc(p, func(m, n name) int { return strings.Compare(m.text, n.text) })
	then = cobra.ShellCompDirectiveNoFileComp
	if len(p) > mostNames {
		p = p.stems()
		then |= cobra.ShellCompDirectiveNoSpace
	}
	for _, n := range p {
		lines = append(lines, cobra.CompletionWithDesc(n.text, n.about()))
	}
	return lines, then
}

// stems returns the beginnings of sorted names, up to the first character in which they differ.
func (p proposals) stems() (cut proposals) {
	same := 0
	for first, last := p[0].text, p[len(p)-1].text; same < min(len(first), len(last)) && first[same] == last[same]; {
		same++
	}
	for len(p) > 0 {
		stem := p[0].text[:min(same+1, len(p[0].text))]
		n := slices.IndexFunc(p, func(n name) bool { return !strings.HasPrefix(n.text, stem) })
		if n < 0 {
			n = len(p)
		}
		if n == 1 || stem == p[0].text {
			n, cut = 1, append(cut, p[0])
		} else {
			cut = append(cut, name{stem, func() string { return strconv.Itoa(n) + " of them" }})
		}
		p = p[n:]
	}
	return cut
}
