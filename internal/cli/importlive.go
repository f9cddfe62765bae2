package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"refundctl/internal/cashfree"
	"refundctl/internal/refund"
	"refundctl/internal/view"
	"refundctl/plan"
)

// liveFlags are the flags of import live.
type liveFlags struct {
	settings
	importFlags
	orders words
	from   string
}

// The label of what was adopted, and the name of the manifest that it is put into.
const (
	importedLabel = "imported"
	importedLive  = "live"
)

func (a *app) importLiveCommand() *cobra.Command {
	var f liveFlags
	c := &cobra.Command{
		Use:   "live --order ID...",
		Short: "Make a manifest of refunds that others made",
		Long: `Reads the live refunds of orders, made in the dashboard say, and writes rows for
those that no manifest asks for, with the label imported: live. Refunds that are
CANCELLED or FAILED, and those that the API made by itself, are left out and
told. Nothing is sent and nothing recorded: plan shows the rows in sync, and the
next apply records them.`,
		Example: `  refundctl import live --order order_1,order_2
  refundctl import live --orders-from orders.txt --out refunds/old.refunds.yaml`,
		ValidArgsFunction: a.completeParents,
		RunE:              func(c *cobra.Command, args []string) error { return a.importLive(c.Context(), f, args) },
	}
	f.settings.flags(c)
	f.importFlags.flags(c)
	c.Flags().Var(&f.orders, "order", "the orders whose refunds are read"+asWords)
	c.Flags().StringVar(&f.from, "orders-from", "", "a `file` with an order_id on each line; - is stdin")
	return c
}

const orderHint = "an order_id has 3 to 45 letters, digits, _ and -"

var orderForm = regexp.MustCompile(`^[A-Za-z0-9_-]{3,45}$`)

// orders are those that flags, arguments and file name, each once.
func (a *app) orders(f liveFlags, args []string) ([]string, error) {
	orders := slices.Concat(f.orders, args)
	for _, id := range orders {
		if !orderForm.MatchString(id) {
			return nil, fail(ExitInvalid, orderHint, "%q is no order_id", id)
		}
	}
	if f.from != "" {
		in, err := a.input(f.from)
		if err != nil {
			return nil, err
		}
		defer func() { _ = in.Close() }()
		listed, err := ordersOf(in)
		if err != nil {
			return nil, err
		}
		orders = append(orders, listed...)
	}
	if len(orders) == 0 {
		return nil, fail(ExitInvalid, "give --order ID, or --orders-from FILE", "it is not said which orders are read")
	}
	slices.Sort(orders)
	return slices.Compact(orders), nil
}

// ordersOf reads one order_id a line, without blank lines and those that begin with #. A line that is
// none is not repeated: the file may be a wrong one, with secrets in it.
func ordersOf(in io.Reader) (orders []string, err error) {
	lines := bufio.NewScanner(in)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case !orderForm.MatchString(line):
			return nil, fail(ExitInvalid, orderHint, "--orders-from: line %d is no order_id", n)
		default:
			orders = append(orders, line)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fail(ExitInvalid, "name a file with an order_id on each line", "--orders-from: %v", err)
	}
	return orders, nil
}

func (a *app) importLive(ctx context.Context, f liveFlags, args []string) error {
	orders, err := a.orders(f, args)
	if err != nil {
		return err
	}
	base, err := a.importing(ctx, f.settings, f.importFlags, importedLive)
	if err != nil {
		return err
	}
	if cashfree.API(base.account.API) != cashfree.Cashfree {
		return fail(ExitInvalid, "choose an account of Cashfree with --account", "account %s is of %s, which lists no refunds", base.account.Name, base.account.API)
	}
	lists, err := a.list(ctx, base, orders)
	if err != nil {
		return err
	}
	i := &liveImport{importing: base, known: map[string]refund.Spec{}}
	i.result = view.LiveImport{ImportedFile: base.file(), Orders: len(orders)}
	for _, s := range base.held {
		if s.Account == base.account.Name {
			i.known[s.RefundID] = s
		}
	}
	for _, l := range lists {
		if err := i.order(l); err != nil {
			return err
		}
	}
	return a.adopted(ctx, i, lists)
}

// listed are the refunds of an order, or why they could not be read.
type listed struct {
	order string
	live  []refund.Live
	err   error
}

// list reads the orders side by side. Refused credentials and a cancelled ctx end it.
func (a *app) list(ctx context.Context, i *importing, orders []string) ([]listed, error) {
	ready, err := a.accounts(i.project, map[string]bool{i.account.Name: true})
	if err != nil {
		return nil, err
	}
	w := &work{app: a, project: i.project, accounts: ready}
	if _, _, err := w.remembered(ctx); err != nil { // a ledger of another merchant
		return nil, err
	}
	if w.gates, err = a.open(i.project, ready); err != nil {
		return nil, err
	}
	defer w.close()
	if most := w.gates.accounts[0].ListsPerMinute; most > 0 && len(orders) > most {
		_, _ = fmt.Fprintf(a.Err, "Reading %d orders, %d a minute at most.\n", len(orders), most)
	}
	fingerprint := ready[0].fingerprint
	progress := plan.Progress(a.line.Read).Begin(slices.Repeat([]string{i.account.Name}, len(orders)))
	done := func() { progress.Done(i.account.Name) }
	return listAll(ctx, w.gates.readers()[fingerprint], fingerprint, orders, i.project.Parallelism, done)
}

// listAll reads the orders of an account, and calls done after each.
func listAll(ctx context.Context, r plan.Reader, fingerprint string, orders []string, parallelism int, done func()) ([]listed, error) {
	lists := make([]listed, len(orders))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(parallelism, 1))
	for i, id := range orders {
		group.Go(func() error {
			live, err := r.Refunds(ctx, refund.Parent{Account: fingerprint, Kind: refund.Order, ID: id})
			lists[i] = listed{id, live, err}
			done()
			if refund.ReadClassOf(err) == refund.Credentials || ctx.Err() != nil {
				return err
			}
			return nil
		})
	}
	return lists, group.Wait()
}

// adopted writes the rows and tells. Orders that could not be read make it partial.
func (a *app) adopted(ctx context.Context, i *liveImport, lists []listed) error {
	r := &i.result
	if r.Added.Count > 0 {
		ours := func(s refund.Spec) bool {
			return s.Source.File == i.target.name && s.Labels[importedLabel] == importedLive
		}
		if i.target.before != nil && !slices.ContainsFunc(slices.Collect(maps.Values(i.known)), ours) {
			return fail(ExitInvalid, "name another file with --out", "%s is there already and holds nothing that was imported from live; it is not changed", i.target.name)
		}
		written, err := a.write(ctx, i.importing, i.text)
		if err != nil {
			return err
		}
		r.Written = written
	}
	out, style := io.Writer(a.Out), a.outStyle()
	if i.flags.dryRun {
		out, style = a.Err, a.errStyle()
	}
	var err error
	if i.flags.asJSON {
		err = view.LiveImportedJSON(a.Out, *r)
	} else {
		err = view.LiveImported(out, *r, style)
	}
	if err != nil {
		return err
	}
	return quit(liveCode(lists))
}

// liveCode is the exit code of what could not be read.
func liveCode(lists []listed) Exit {
	failed, outside := 0, false
	for _, l := range lists {
		if l.err != nil {
			failed++
			outside = outside || refund.ReadClassOf(l.err) != refund.NotFound
		}
	}
	switch {
	case failed == 0:
		return ExitOK
	case failed < len(lists):
		return ExitPartial
	case outside:
		return ExitUnreachable
	}
	return ExitInvalid
}
