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
		Short: "Compare manifests, ledger, API and bank file",
		Long: `Gives each refund in the manifests, the ledger or the API exactly one verdict,
sums up the money of each source by verdict, and shows the differences, those
that may have cost money first. It sends nothing, records nothing and takes no
lock, so other runs can work meanwhile.

It reads every order, subscription and payment that the manifests or the ledger
name, oldest first and within the API's limits. --order reads only some of them.
--refresh none reads nothing from the API and needs no credentials.

--bank adds a settlement or bank file: CSV with a line of column names, such as
Cashfree's settlement recon (event_type, event_amount, sale_type, event_id) and
refunds report. A row belongs to the refund with its refund_id, or else with its
cf_refund_id or event_id, or else with its arn or utr. Amounts such as
1,20,450.00 are read exactly. A row that cannot be read without guessing is an
error, and a row that belongs to no refund is reported. If the columns have
other names, use --map for refund_id, cf_refund_id, event_id, arn, amount,
currency, date, order_id, event_type, sale_type (DEBIT went out, CREDIT came
back) and status.

A period contains the refunds that were paid in it (+05:30) and the unpaid ones
that were created in it. If the API was not read, it contains those that the
ledger recorded as accepted in it. Refunds that were never sent, refunds in
doubt and the lines of the bank file are always shown.

It exits 0 if nothing differs, 2 if something does, 6 if a refund is in doubt,
and 11 if nothing could be read.`,
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
	c.Flags().StringVar(&f.bank, "bank", "", "a settlement or bank `file` (CSV) to compare as well")
	c.Flags().Var(&f.columns, "map", "read a field of the file from a column, as `FIELD=COLUMN`"+asList)
	f.periodFlags.flags(c)
	c.Flags().Var(&f.orders, "order", "only these: order_id, subscription_id or payment_id"+asWords)
	c.Flags().StringVar(&f.refresh, "refresh", "all", "what to read: all (auto means the same), none")
	complete(c, "refresh", "all\tevery order, subscription and payment", "none\tonly manifests and ledger")
	c.Flags().StringVar(&f.format, "format", "", "output `FORMAT`: text (the default), json (same as --json) or csv")
	complete(c, "format", "text\tfor a terminal", "json\tas --json", "csv\tfor a spreadsheet")
	jsonFlag(c, &f.asJSON)
}

// reconcileCSV is the format that a plan does not have.
const reconcileCSV view.Format = "csv"

// check finds contradicting flags before anything is read.
func (f *reconcileFlags) check() (view.Format, error) {
	format := view.Format(f.format)
	switch {
	case f.refresh != "all" && f.refresh != "auto" && f.refresh != "none":
		return "", fail(ExitInvalid, "use all or none", "unknown --refresh %q", f.refresh)
	case format != "" && !slices.Contains([]view.Format{view.Text, view.JSON, reconcileCSV}, format):
		return "", fail(ExitInvalid, "use text, json or csv", "unknown --format %q", f.format)
	case f.asJSON && format != "" && format != view.JSON:
		return "", fail(ExitInvalid, "omit one of them", "--json and --format %s contradict each other", f.format)
	case f.bank != "" && len(f.orders) > 0:
		return "", fail(ExitInvalid, "omit one of them: the file's rows of other orders would belong to no refund", "--bank and --order contradict each other")
	case f.bank == "" && len(f.columns) > 0:
		return "", fail(ExitInvalid, "name the file with --bank", "--map names columns of a bank file, but there is no --bank")
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
	result := view.Reconciliation{Asked: w.gates != nil, Bank: bank, Period: period}
	in := reconcile.Input{
		Accounts: w.fingerprints, Specs: w.loaded.Specs, Bank: bank, Only: w.only, Period: period,
		SettleAfter: w.project.Recovery.SettleAfter,
	}
	if result.Asked {
		if in.Reads, err = w.read(ctx, &result); err != nil {
			return err
		}
	}
	// The ledger is read after the API, so that a refund that another run sends meanwhile is in both.
	st, _, err := state.Load(context.WithoutCancel(ctx), w.ledger)
	if err == nil {
		err = w.locate(context.WithoutCancel(ctx), st, w.ledger)
	}
	if err != nil {
		return err
	}
	in.Entries, in.Now = st.Entries(), a.Clock()
	result.Result = reconcile.Make(in)
	err = a.printReconciliation(result, format)
	if ctx.Err() != nil {
		err = cmp.Or(err, context.Cause(ctx))
	}
	return quitWith(err, reconcileCode(result))
}

func (a *app) printReconciliation(r view.Reconciliation, format view.Format) error {
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

// named returns the columns of --map by field.
func (f *reconcileFlags) named() (map[string]string, error) {
	columns := map[string]string{}
	for _, given := range f.columns {
		field, column, ok := strings.Cut(given, "=")
		switch {
		case !ok || column == "":
			return nil, fail(ExitInvalid, "use FIELD=COLUMN, such as --map amount=Withdrawal", "--map %q names no column", given)
		case !slices.Contains(reconcile.Fields(), field):
			return nil, fail(ExitInvalid, "use one of "+strings.Join(reconcile.Fields(), ", "), "--map: %q is not a field of a bank file", field)
		case columns[field] != "":
			return nil, fail(ExitInvalid, "omit one of them", "--map names two columns for %s", field)
		}
		columns[field] = column
	}
	return columns, nil
}

// bankFile reads the file of --bank, or returns nil if there is none. It prints problems and fails if there are any.
func (a *app) bankFile(f reconcileFlags) (*reconcile.Bank, error) {
	columns, err := f.named()
	if f.bank == "" || err != nil {
		return nil, err
	}
	file, err := os.Open(f.bank)
	if err != nil {
		return nil, fail(ExitInvalid, "name an existing CSV file with --bank", "%v", err)
	}
	defer file.Close()
	bank, problems, err := reconcile.ReadBank(file, f.bank, columns)
	if err != nil {
		return nil, fail(ExitInvalid, "name a readable CSV file with --bank", "%v", err)
	}
	if diag.HasError(problems) {
		_ = a.diagnostics(problems)
		return nil, quit(ExitInvalid)
	}
	return bank, nil
}
