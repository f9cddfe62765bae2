package cli

import (
	"cmp"
	"context"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"refundctl/internal/diag"
	"refundctl/internal/reconcile"
	"refundctl/internal/view"
	"refundctl/state"
)

// reconcileFlags are the flags of reconcile.
type reconcileFlags struct {
	settings
	periodFlags
	orders  words
	bank    string
	columns list
	refresh string
	format  string
	asJSON  bool
}

func (a *app) reconcileCommand() *cobra.Command {
	var f reconcileFlags
	c := &cobra.Command{
		Use:   "reconcile",
		Short: "Hold manifests, ledger, API and bank file against each other",
		Long: `Gives every refund that the manifests, the ledger or the API know exactly one
verdict, sums up the money of each source by verdict, and shows what differs,
what may have cost money first. Nothing is sent and nothing is recorded; no lock
is taken, so that other runs can work meanwhile.

It reads every parent that manifests or the ledger name, oldest first and within
the API's limits: --order reads only some, --refresh none asks the API nothing
and needs no credentials.

--bank adds a settlement or bank file: CSV with a line of column names, such as
Cashfree's settlement recon (event_type, event_amount, sale_type, event_id) and
refunds report. A row belongs to the refund of its refund_id, else of its
cf_refund_id or event_id, else of its arn or utr. Amounts are read exactly,
1,20,450.00 too; a row that cannot be read without guessing is an error, and
one that is of no refund is told. --map names columns that have other names:
refund_id, cf_refund_id, event_id, arn, amount, currency, date, order_id,
event_type, sale_type (DEBIT went out, CREDIT came back), status.

A period has the refunds that were paid in it or, where they are not, made in it
(+05:30); where the API was not asked, those that the ledger knew as accepted in
it. What was never sent has no day: it, what is in doubt and what stands in the
bank file is always shown.

It ends with 0 when nothing differs, with 2 when something does, with 6 when a
refund is in doubt, and with 11 when nothing could be read.`,
		Example: `  refundctl reconcile
  refundctl reconcile --month 2026-10 --bank october.csv
  refundctl reconcile --bank hdfc.csv --map amount="Debit Amt" --map arn=Ref
  refundctl reconcile --refresh none --format csv > october.csv
  refundctl reconcile --order order_17,order_18 -v`,
		Args: argsBetween(0, 0),
		RunE: func(c *cobra.Command, _ []string) error { return a.reconcile(c, f) },
	}
	f.flags(c)
	return c
}

func (f *reconcileFlags) flags(c *cobra.Command) {
	f.settings.flags(c)
	c.Flags().StringVar(&f.bank, "bank", "", "a settlement or bank `file` (CSV), as one source more")
	c.Flags().Var(&f.columns, "map", "take a field of the file from a column, as `FIELD=COLUMN`"+asList)
	f.periodFlags.flags(c)
	c.Flags().Var(&f.orders, "order", "only these: order_id, subscription_id or payment_id"+asWords)
	c.Flags().StringVar(&f.refresh, "refresh", "all", "what to read: all (auto means the same), none")
	complete(c, "refresh", "all\tevery parent", "none\tmanifests and ledger alone")
	c.Flags().StringVar(&f.format, "format", "", "how to print it: `FORMAT` is text (the default), json (as --json) or csv")
	complete(c, "format", "text\tfor a terminal", "json\tas --json", "csv\tfor a spreadsheet")
	jsonFlag(c, &f.asJSON)
}

// reconcileCSV is the format beside those of a plan.
const reconcileCSV view.Format = "csv"

// check finds what contradicts itself before anything is read.
func (f *reconcileFlags) check() (view.Format, error) {
	format := view.Format(f.format)
	switch {
	case f.refresh != "all" && f.refresh != "auto" && f.refresh != "none":
		return "", fail(ExitInvalid, "write all or none", "--refresh %q is not known", f.refresh)
	case format != "" && !slices.Contains([]view.Format{view.Text, view.JSON, reconcileCSV}, format):
		return "", fail(ExitInvalid, "use text, json or csv", "--format %q is not known", f.format)
	case f.asJSON && format != "" && format != view.JSON:
		return "", fail(ExitInvalid, "leave one of the two away", "--json and --format %s contradict each other", f.format)
	case f.bank != "" && len(f.orders) > 0:
		return "", fail(ExitInvalid, "leave one of the two away: the file's rows of other orders would be of no refund", "--bank and --order contradict each other")
	case f.bank == "" && len(f.columns) > 0:
		return "", fail(ExitInvalid, "name the file with --bank", "--map names columns of a bank file, and there is none")
	}
	switch {
	case f.asJSON:
		return view.JSON, nil
	case format == "":
		return view.Text, nil
	}
	return format, nil
}

// reconcile reads, compares and prints.
func (a *app) reconcile(c *cobra.Command, f reconcileFlags) error {
	ctx := c.Context()
	format, err := f.check()
	if err != nil {
		return err
	}
	period, err := f.period(c)
	if err != nil {
		return err
	}
	bank, err := a.bankFile(f)
	if err != nil {
		return err
	}
	w, err := a.reconcileWork(ctx, f)
	if err != nil {
		return err
	}
	defer w.close()
	told := view.Reconciliation{Asked: w.gates != nil, Bank: bank, Period: period}
	in := reconcile.Input{
		Accounts: w.fingerprints, Specs: w.loaded.Specs, Bank: bank, Only: w.only, Period: period,
		SettleAfter: w.project.Recovery.SettleAfter,
	}
	if told.Asked {
		if in.Reads, err = w.read(ctx, &told); err != nil {
			return err
		}
	}
	// The ledger is read behind the API: a refund that another run sends meanwhile is then in both.
	st, _, err := state.Load(context.WithoutCancel(ctx), w.ledger)
	if err == nil {
		err = w.locate(context.WithoutCancel(ctx), st, w.ledger)
	}
	if err != nil {
		return err
	}
	in.Entries, in.Now = st.Entries(), a.Clock()
	told.Result = reconcile.Make(in)
	err = a.tellReconciled(told, format)
	if ctx.Err() != nil {
		err = cmp.Or(err, context.Cause(ctx))
	}
	return quitWith(err, reconcileCode(told))
}

func (a *app) tellReconciled(r view.Reconciliation, format view.Format) error {
	switch format {
	case view.JSON:
		return view.ReconcileJSON(a.Out, r)
	case reconcileCSV:
		return view.ReconcileCSV(a.Out, r)
	}
	return view.Reconcile(a.Out, r, view.ReconcileOptions{Style: a.outStyle(), Verbose: a.verbose})
}

func reconcileCode(r view.Reconciliation) Exit {
	code := ExitOK
	if r.Differs() {
		code = ExitChanges
	}
	if r.Parents > 0 && len(r.Failed) == r.Parents && outside(r.Failed) {
		code = worst(code, ExitUnreachable)
	}
	if r.Doubtful() {
		code = worst(code, ExitInDoubt)
	}
	return code
}

// named are the columns of --map by their fields.
func (f *reconcileFlags) named() (map[string]string, error) {
	columns := map[string]string{}
	for _, given := range f.columns {
		field, column, ok := strings.Cut(given, "=")
		switch {
		case !ok || column == "":
			return nil, fail(ExitInvalid, "write FIELD=COLUMN, as --map amount=Withdrawal", "--map %q names no column", given)
		case !slices.Contains(reconcile.Fields(), field):
			return nil, fail(ExitInvalid, "write one of "+strings.Join(reconcile.Fields(), ", "), "--map: %q is not a field of a bank file", field)
		case columns[field] != "":
			return nil, fail(ExitInvalid, "leave one of the two away", "--map names two columns for %s", field)
		}
		columns[field] = column
	}
	return columns, nil
}

// bankFile reads the file of --bank; nil without one. Its problems are printed, and end the command.
func (a *app) bankFile(f reconcileFlags) (*reconcile.Bank, error) {
	columns, err := f.named()
	if f.bank == "" || err != nil {
		return nil, err
	}
	file, err := os.Open(f.bank)
	if err != nil {
		return nil, fail(ExitInvalid, "name a CSV file that exists with --bank", "%v", err)
	}
	defer file.Close()
	bank, problems, err := reconcile.ReadBank(file, f.bank, columns)
	if err != nil {
		return nil, fail(ExitInvalid, "name a CSV file that can be read with --bank", "%v", err)
	}
	if diag.HasError(problems) {
		_ = view.Diagnostics(a.Err, problems, a.errStyle())
		return nil, quit(ExitInvalid)
	}
	return bank, nil
}
