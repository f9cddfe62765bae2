package cli

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"refundctl/internal/refund"
	"refundctl/internal/sheet"
	"refundctl/internal/view"
)

// csvFlags are the flags of import csv.
type csvFlags struct {
	importFlags
	batch     string
	columns   list
	labels    list
	separator string
	skipBad   bool
}

func (a *app) importCSVCommand() *cobra.Command {
	var f csvFlags
	c := &cobra.Command{
		Use:   "csv FILE",
		Short: "Make a manifest of a spreadsheet's CSV export",
		Long: `Reads a sheet whose first row names the columns: order_id, refund_amount and,
where the sheet has them, refund_id, refund_note, refund_speed, under these or
their usual names. Amounts may be written as 1,20,450.00 or with a currency
sign. FILE - is stdin.

Rows without a refund_id get one made of --batch, the order and which row of
that order it is, so that the same sheet can be imported again: rows that are
in the manifests already stay as they are, new ones are added, and an amount
that changed is an error. Every bad row is told with its row and column, and
nothing is written unless all are good; --skip-bad leaves bad rows out.`,
		Example: `  refundctl import csv june.csv --batch june
  refundctl import csv june.csv --batch june --label Ticket \
      --map refund_amount="Amount to refund"`,
		Args: argsBetween(1, 1),
		RunE: func(c *cobra.Command, args []string) error { return a.importCSV(c, f, args[0]) },
	}
	f.importFlags.flags(c)
	c.Flags().StringVar(&f.batch, "batch", "", "the sheet's `name`: part of the ids that are made, and a label")
	c.Flags().Var(&f.columns, "map", "read a field, such as refund_note, or labels.NAME, from this column, as `FIELD=COLUMN`"+asList)
	c.Flags().Var(&f.labels, "label", "this `column` becomes a label"+asList)
	c.Flags().StringVar(&f.separator, "separator", "", "between cells: , ; | or tab (what the header shows)")
	c.Flags().BoolVar(&f.skipBad, "skip-bad", false, "leave bad rows out, and write the others")
	return c
}

// batchForm keeps a batch's name fit for a label and a file's name.
var batchForm = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9 ._-]{0,58}[A-Za-z0-9])?$`)

var separatorNames = map[string]rune{"": 0, ",": ',', ";": ';', "|": '|', "\t": '\t', `\t`: '\t', "tab": '\t', "comma": ',', "semicolon": ';', "pipe": '|'}

// options are what the flags say of the sheet.
func (f csvFlags) options(c *cobra.Command) (sheet.Options, error) {
	separator, known := separatorNames[f.separator]
	switch {
	case !known:
		return sheet.Options{}, fail(ExitInvalid, "write , ; | or tab", "--separator %q is not known", f.separator)
	case c.Flags().Changed("batch") && !batchForm.MatchString(f.batch):
		return sheet.Options{}, fail(ExitInvalid, "write up to 60 letters, digits, blanks, . _ and -, such as 2026-06-returns", "--batch %q cannot be a batch's name", f.batch)
	}
	o := sheet.Options{Separator: separator, Columns: map[string]string{}, Labels: f.labels, Batch: f.batch}
	for _, text := range f.columns {
		field, column, found := strings.Cut(text, "=")
		if _, twice := o.Columns[field]; !found || field == "" || column == "" || twice {
			return o, fail(ExitInvalid, `write --map refund_amount="Amount to refund", each field once`, "--map %q is not understood", text)
		}
		o.Columns[field] = column
	}
	return o, nil
}

func (a *app) importCSV(c *cobra.Command, f csvFlags, file string) error {
	o, err := f.options(c)
	if err != nil {
		return err
	}
	name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	if file == "-" {
		name, file = "stdin", "stdin"
	}
	base, err := a.importing(c.Context(), settings{}, f.importFlags, stem(firstOf(f.batch, name)))
	if err != nil {
		return err
	}
	o.Account, o.Kinds = base.account.Name, []refund.Kind{refund.Order, refund.Subscription}
	if base.account.API == "flowwise" {
		o.Kinds = []refund.Kind{refund.Payment}
	}
	in, err := a.input(c.Flags().Arg(0))
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	i := &sheetImport{importing: base, skipBad: f.skipBad, merge: sheet.NewMerge(base.held, base.account.Name, f.batch)}
	i.result = view.SheetImport{ImportedFile: base.file(), Sheet: filepath.ToSlash(file), Batch: f.batch, Warned: map[string]int{}}
	if err := i.read(c.Context(), in, o); err != nil {
		return err
	}
	return a.imported(c.Context(), i)
}

// input opens a file that is imported; - is stdin.
func (a *app) input(file string) (io.ReadCloser, error) {
	if file == "-" {
		return io.NopCloser(a.In), nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fail(ExitInvalid, "name a file that is there, or - for stdin", "%v", err)
	}
	return f, nil
}

// imported writes what is new, unless something must be mended first, and tells.
func (a *app) imported(ctx context.Context, i *sheetImport) error {
	r := &i.result
	invalid := i.fatal || i.errs > 0 && !i.skipBad
	if !invalid && r.Added.Count > 0 {
		if i.target.before != nil && !i.merge.Meets(i.target.name) {
			return fail(ExitInvalid, "name another file with --out, or give the --batch that it was made with", "%s is there already and has no refund of this sheet; it is not changed", i.target.name)
		}
		written, err := a.write(ctx, i.importing, i.text)
		if err != nil {
			return err
		}
		r.Written = written
	}
	if err := a.tellSheet(i, invalid); err != nil {
		return err
	}
	if invalid {
		return quit(ExitInvalid)
	}
	return nil
}

func (a *app) tellSheet(i *sheetImport, invalid bool) error {
	if i.flags.asJSON {
		return view.SheetImportedJSON(a.Out, i.result, !invalid)
	}
	if err := view.SheetProblems(a.Err, i.result, a.errStyle()); err != nil {
		return err
	}
	switch {
	case invalid:
		return view.FailureText(a.Err, view.Failure{Message: "nothing was written", Hint: i.mend()}, a.errStyle())
	case i.flags.dryRun:
		return view.SheetImported(a.Err, i.result, a.errStyle())
	}
	return view.SheetImported(a.Out, i.result, a.outStyle())
}

// mend is what to do about a sheet that was not imported, beside the hints of its problems.
func (i *sheetImport) mend() string {
	if i.fatal {
		return ""
	}
	return "mend the rows and import the sheet again, or leave them out with --skip-bad"
}
