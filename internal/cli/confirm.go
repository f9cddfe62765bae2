package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"refundctl/internal/money"
	"refundctl/internal/task"
	"refundctl/internal/view"
	"refundctl/plan"
)

// confirm asks for approval before money moves. In production a person must type the total, elsewhere yes.
// Without anything to send it does not ask.
func (a *app) confirm(ctx context.Context, p *plan.Plan, f applyFlags) error {
	creates := p.Rows(plan.Create)
	if f.onError == "stop" {
		if err := stopsAt(p); err != nil {
			return err
		}
	}
	if len(creates) == 0 {
		return nil
	}
	question, expected := challenge(p, creates)
	return a.ask(ctx, f.approvalFlags, "to be sent: "+refundCount(len(creates)), question, expected)
}

// ask asks the person at the terminal, unless the flags answer the question. It returns nil if the answer is
// the expected one.
func (a *app) ask(ctx context.Context, f approvalFlags, about, question, expected string) error {
	if f.approve {
		return nil
	}
	terminal, err := a.terminal(f)
	if err != nil {
		return fail(ExitDeclined, "review the output, then run again with --auto-approve", "there is no terminal to ask for approval; %s", about)
	}
	defer terminal.Close()
	if err := view.Question(terminal, question, a.errStyle()); err != nil {
		return fmt.Errorf("asking: %w", err)
	}
	answer, err := readLine(ctx, terminal)
	switch {
	case ctx.Err() != nil:
		return fail(ExitInterrupted, "nothing was sent; run it again to answer", "interrupted")
	case err != nil:
		return err
	}
	if !answers(answer, expected) {
		return fail(ExitDeclined, "to continue, run the command again and type "+expected, "declined: nothing was sent")
	}
	return nil
}

// terminal opens the terminal for a question and clears the progress line.
func (a *app) terminal(f approvalFlags) (io.ReadWriteCloser, error) {
	if !f.input || a.Terminal == nil {
		return nil, errNoTerminal
	}
	a.line.Clear()
	return a.Terminal()
}

// autoApprove is the flag that approves without a question.
const autoApprove = "auto-approve"

// approvalFlags are the flags of commands that ask for approval before money moves.
type approvalFlags struct{ approve, input bool }

func (f *approvalFlags) flags(c *cobra.Command) {
	c.Flags().BoolVar(&f.approve, autoApprove, false, "do not ask for approval")
	c.Flags().BoolVar(&f.input, "input", true, "ask for approval if there is a terminal")
}

func challenge(p *plan.Plan, creates []plan.Change) (question, expected string) {
	var shown, typed []string
	for _, amount := range plan.SumOf(creates).Amounts {
		shown = append(shown, amount.Human())
		typed = append(typed, plainAmount(amount.Human()))
	}
	sum := strings.Join(shown, " + ")
	from, production := payers(p)
	if !production {
		return fmt.Sprintf("Send %s, %s in all, from %s? Type yes:", refundCount(len(creates)), sum, from), "yes"
	}
	return fmt.Sprintf("PRODUCTION: send %s from %s. Type the total, %s, to continue:", refundCount(len(creates)), from, sum), strings.Join(typed, "+")
}

// payers names the accounts that pay, and reports whether one of them is in production.
func payers(p *plan.Plan) (names string, production bool) {
	var all []string
	for _, a := range p.Payers() {
		all = append(all, fmt.Sprintf("%s (%s)", a.Name, view.Environment(a.Environment)))
		production = production || a.Environment == "production"
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

// answers reports whether the typed answer is the expected one. An amount may be typed as it was shown.
func answers(typed, expected string) bool {
	return strings.TrimSpace(typed) == expected || strings.ContainsAny(expected, "0123456789") && plainAmount(typed) == expected
}

// plainAmount removes the currency sign, commas and spaces of an amount.
func plainAmount(text string) string {
	return strings.NewReplacer("₹", "", ",", "", " ", "").Replace(strings.TrimSpace(text))
}

// readLine reads a line from the terminal, until the context ends.
func readLine(ctx context.Context, terminal io.ReadWriter) (string, error) {
	var line string
	got := make(chan error, 1)
	task.Go(func() (err error) {
		line, err = bufio.NewReader(terminal).ReadString('\n')
		return err
	}, func(err error) { got <- err })
	select {
	case err := <-got:
		if err != nil {
			_, _ = fmt.Fprintln(terminal) // without Enter the cursor is still after the question
		}
		if err != nil && err != io.EOF {
			return "", fmt.Errorf("reading the answer: %w", err)
		}
		return line, nil
	case <-ctx.Done():
		_, _ = fmt.Fprintln(terminal) // as above
		return "", context.Cause(ctx)
	}
}
