package cli

import (
	"bufio"
	"context"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"refundctl/internal/cashfree"
	"refundctl/internal/edit"
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

func (a *app) importLiveCommand() *cobra.Command {
	var f liveFlags
	c := &cobra.Command{
		Use:   "live --order ID...",
		Short: "Write a manifest from live refunds",
		Long: `Reads the live refunds of orders, such as those made in the dashboard, and
writes a row, with the label imported: live, for each that no manifest asks for.
It skips refunds that are CANCELLED or FAILED and refunds that the API made
automatically, and lists what it skipped. Nothing is sent or recorded: plan
shows the rows as in sync, and the next apply records them.`,
		Example: `  refundctl import live --order order_1,order_2
  refundctl import live --orders-from orders.txt --out refunds/old.refunds.yaml`,
		ValidArgsFunction: a.completeParents,
		RunE:              func(c *cobra.Command, args []string) error { return a.importLive(c.Context(), f, args) },
	}
	f.settings.flags(c)
	f.importFlags.flags(c)
	c.Flags().Var(&f.orders, "order", "the orders to read"+asWords)
	c.Flags().StringVar(&f.from, "orders-from", "", "a `file` with an order_id on each line; - is stdin")
	return c
}

const orderHint = "an order_id has 3 to 45 letters, digits, _ and -"

var orderForm = regexp.MustCompile(`^[A-Za-z0-9_-]{3,45}$`)

// orders returns the order_ids from flags, arguments and file, each once.
func (a *app) orders(f liveFlags, args []string) ([]string, error) {
	orders := slices.Concat(f.orders, args)
	for _, id := range orders {
		if !orderForm.MatchString(id) {
			return nil, fail(ExitInvalid, orderHint, "%q is not an order_id", id)
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
		return nil, fail(ExitInvalid, "add --order ID or --orders-from FILE", "no order is named")
	}
	slices.Sort(orders)
	return slices.Compact(orders), nil
}

// ordersOf reads one order_id a line, and skips blank lines and lines that begin with #. Its errors do not
// quote a bad line: it may be the wrong file, with secrets in it.
func ordersOf(in io.Reader) (orders []string, err error) {
	lines := bufio.NewScanner(in)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case !orderForm.MatchString(line):
			return nil, fail(ExitInvalid, orderHint, "--orders-from: line %d is not an order_id", n)
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
	p, i, err := a.openImport(ctx, f.settings, f.importFlags, edit.LiveStem)
	if err != nil {
		return err
	}
	if cashfree.API(i.Account.API) != cashfree.Cashfree {
		return fail(ExitInvalid, "choose a Cashfree account with --account", "account %s uses the %s API, which cannot list refunds", i.Account.Name, i.Account.API)
	}
	lists, err := a.readOrders(ctx, p, i.Account.Name, orders)
	if err != nil {
		return err
	}
	rows := i.Live(lists, plan.Differs)
	shown := view.LiveImport{ImportedFile: view.ImportedFile{File: i.Target(), Account: i.Account.Name}, LiveResult: rows.Result}
	if rows.Result.Added.Count > 0 {
		m, err := rows.Imported()
		if err != nil {
			return err
		}
		if shown.Written, err = a.writeImport(ctx, i, m, f.importFlags); err != nil {
			return err
		}
	}
	if err := a.showLive(shown, f.importFlags); err != nil {
		return err
	}
	return quit(liveCode(lists))
}

func (a *app) showLive(shown view.LiveImport, f importFlags) error {
	switch {
	case f.asJSON:
		return view.LiveImportedJSON(a.Out, shown)
	case f.dryRun: // stdout has the rows
		return view.LiveImported(a.Err, shown, a.errStyle())
	}
	return view.LiveImported(a.Out, shown, a.outStyle())
}

// readOrders reads the refunds of the account's orders in parallel. It fails if the credentials are refused
// or ctx is cancelled; other errors are in the result.
func (a *app) readOrders(ctx context.Context, p *project, name string, orders []string) ([]edit.OrderRefunds, error) {
	w := a.newWork(p)
	if err := w.connect(map[string]bool{name: true}); err != nil {
		return nil, err
	}
	defer w.close()
	if _, _, err := w.readLedger(ctx, nil); err != nil { // the ledger may be another merchant's
		return nil, err
	}
	if most := w.gates.accounts[0].ListsPerMinute; most > 0 && len(orders) > most {
		_ = a.note("Reading %d orders, at most %d a minute.", len(orders), most)
	}
	fingerprint := w.accounts[0].fingerprint
	how := plan.Reading[string]{Parallelism: p.Parallelism, Account: func(string) string { return name }, Progress: a.line.Read}
	return listAll(ctx, w.gates.readers()[fingerprint], fingerprint, orders, how)
}

// listAll reads the refunds of each order.
func listAll(ctx context.Context, r plan.Reader, fingerprint string, orders []string, how plan.Reading[string]) ([]edit.OrderRefunds, error) {
	return plan.ReadAll(ctx, orders, how, func(ctx context.Context, id string) (edit.OrderRefunds, error) {
		live, err := r.Refunds(ctx, refund.Parent{Account: fingerprint, Kind: refund.Order, ID: id})
		return edit.OrderRefunds{OrderID: id, Refunds: live, Err: err}, plan.Fatal(err)
	})
}

// liveCode returns the exit code: whether all orders, some or none could be read.
func liveCode(lists []edit.OrderRefunds) Exit {
	failed, outside := 0, false
	for _, l := range lists {
		if l.Err != nil {
			failed++
			outside = outside || refund.ReadClassOf(l.Err) != refund.NotFound
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
