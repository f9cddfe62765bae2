package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"refundctl/internal/money"
	"refundctl/internal/view"
	"refundctl/plan"
)

// confirm asks before money moves. In production the total has to be typed, elsewhere yes. Nothing
// to send needs no answer.
func (a *app) confirm(ctx context.Context, p *plan.Plan, f applyFlags) error {
	creates := p.Rows(plan.Create)
	if f.onError == "stop" && p.NeedsPerson() {
		return quit(ExitPerson)
	}
	if len(creates) == 0 {
		return nil
	}
	question, wanted := challenge(p, creates)
	return a.ask(ctx, f.approvalFlags, "to be sent: "+refundCount(len(creates)), question, wanted)
}

// ask puts a question to the person at the terminal, unless the flags answer it. It returns nil if the
// answer is as wanted.
func (a *app) ask(ctx context.Context, f approvalFlags, about, question, wanted string) error {
	if f.approve {
		return nil
	}
	terminal, err := a.terminal(f)
	if err != nil {
		return fail(ExitDeclined, "read what it shows, then run again with --auto-approve", "nobody can be asked; %s", about)
	}
	defer terminal.Close()
	if err := view.Question(terminal, question, a.errStyle()); err != nil {
		return fmt.Errorf("asking: %w", err)
	}
	answer, err := readLine(ctx, terminal)
	switch {
	case ctx.Err() != nil:
		return fail(ExitInterrupted, "nothing was sent; run it again to be asked again", "interrupted")
	case err != nil:
		return err
	}
	if !answers(answer, wanted) {
		return fail(ExitDeclined, "to go on, run it again and type "+wanted, "declined: nothing was sent")
	}
	return nil
}

// terminal is where the question is put, with the progress line out of its way.
func (a *app) terminal(f approvalFlags) (io.ReadWriteCloser, error) {
	if !f.input || a.Terminal == nil {
		return nil, errNoTerminal
	}
	a.line.Clear()
	return a.Terminal()
}

// autoApprove is the flag that answers the question before money moves.
const autoApprove = "auto-approve"

// approvalFlags are those of every command that asks before money moves.
type approvalFlags struct{ approve, input bool }

func (f *approvalFlags) flags(c *cobra.Command) {
	c.Flags().BoolVar(&f.approve, autoApprove, false, "go on without asking")
	c.Flags().BoolVar(&f.input, "input", true, "ask where there is a terminal")
}

func challenge(p *plan.Plan, creates []plan.Change) (question, wanted string) {
	var total plan.Tally
	for _, c := range creates {
		total.Add(c.Amount)
	}
	var shown, typed []string
	for _, amount := range total.Amounts {
		shown = append(shown, amount.Human())
		typed = append(typed, plainAmount(amount.Human()))
	}
	sum := strings.Join(shown, " + ")
	from, production := senders(p, creates)
	if !production {
		return fmt.Sprintf("Send %s, %s in all, from %s? Type yes:", refundCount(len(creates)), sum, from), "yes"
	}
	return fmt.Sprintf("PRODUCTION: send %s from %s. Type the total, %s, to continue:", refundCount(len(creates)), from, sum), strings.Join(typed, "+")
}

// senders names the accounts that pay, and tells whether one of them pays with real money.
func senders(p *plan.Plan, creates []plan.Change) (names string, production bool) {
	var all []string
	for _, acc := range p.Accounts {
		if slices.ContainsFunc(creates, func(c plan.Change) bool { return c.ID.Account == acc.Fingerprint }) {
			all = append(all, fmt.Sprintf("%s (%s)", acc.Name, view.Environment(acc.Environment)))
			production = production || acc.Environment == "production"
		}
	}
	if len(all) == 1 {
		return "account " + all[0], production
	}
	return "accounts " + strings.Join(all, ", "), production
}

func refundCount(n int) string {
	if n == 1 {
		return "1 refund"
	}
	return money.Grouped(n) + " refunds"
}

// answers reports whether what was typed is what is wanted; an amount may be typed as it was shown.
func answers(typed, wanted string) bool {
	return strings.TrimSpace(typed) == wanted || strings.ContainsAny(wanted, "0123456789") && plainAmount(typed) == wanted
}

// plainAmount lets a person type an amount with or without its sign, commas and blanks.
func plainAmount(text string) string {
	return strings.NewReplacer("₹", "", ",", "", " ", "").Replace(strings.TrimSpace(text))
}

// readLine reads one line of the terminal, or ends with the context.
func readLine(ctx context.Context, terminal io.ReadWriter) (string, error) {
	type read struct {
		line string
		err  error
	}
	got := make(chan read, 1)
	go func() {
		line, err := bufio.NewReader(terminal).ReadString('\n')
		got <- read{line, err}
	}()
	select {
	case r := <-got:
		if r.err != nil {
			_, _ = fmt.Fprintln(terminal) // no Enter was typed: the cursor stands behind the question
		}
		if r.err != nil && r.err != io.EOF {
			return "", fmt.Errorf("reading the answer: %w", r.err)
		}
		return r.line, nil
	case <-ctx.Done():
		_, _ = fmt.Fprintln(terminal) // as above
		return "", context.Cause(ctx)
	}
}
