package cli

import (
	"cmp"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

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
		Short: "Write a manifest from a spreadsheet's CSV export",
		Long: `Reads a sheet whose first row names the columns: order_id and refund_amount,
and optionally refund_id, refund_note and refund_speed, or common synonyms.
Amounts can be written as 1,20,450.00 or with a currency sign. Use - as FILE to
read stdin.

A row without a refund_id gets one made from --batch, the order and the row's
position among the rows of that order. You can therefore import a sheet again:
rows that are already in the manifests stay as they are, new ones are added, and
a changed amount is an error. Every invalid row is reported with its row and
column. Nothing is written unless all rows are valid; --skip-bad omits the
invalid ones. The labels sheet and row say where a refund comes from.`,
		Example: `  refundctl import csv june.csv --batch june
  refundctl import csv june.csv --batch june --label Ticket \
      --map refund_amount="Amount to refund"`,
		Args: argsBetween(1, 1),
		RunE: func(c *cobra.Command, args []string) error { return a.importCSV(c, f, args[0]) },
	}
	f.importFlags.flags(c)
	c.Flags().StringVar(&f.batch, "batch", "", "a `name` for the sheet: part of the generated ids, and a label")
	c.Flags().Var(&f.columns, "map", "read a field, such as refund_note or labels.NAME, from this column, as `FIELD=COLUMN`"+asList)
	c.Flags().Var(&f.labels, "label", "make this `column` a label"+asList)
	c.Flags().StringVar(&f.separator, "separator", "", "what separates cells: , ; | or tab (default: what the header uses)")
	c.Flags().BoolVar(&f.skipBad, "skip-bad", false, "omit invalid rows, and write the others")
	return c
}

// batchForm is a name that can be a label's value and part of a file's name.
var batchForm = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9 ._-]{0,58}[A-Za-z0-9])?$`)

var separatorNames = map[string]rune{"": 0, ",": ',', ";": ';', "|": '|', "\t": '\t', `\t`: '\t', "tab": '\t', "comma": ',', "semicolon": ';', "pipe": '|'}

// options returns how the flags ask to read the sheet.
func (f csvFlags) options(c *cobra.Command) (sheet.Options, error) {
	separator, known := separatorNames[f.separator]
	switch {
	case !known:
		return sheet.Options{}, fail(ExitInvalid, "use , ; | or tab", "unknown --separator %q", f.separator)
	case c.Flags().Changed("batch") && !batchForm.MatchString(f.batch):
		return sheet.Options{}, fail(ExitInvalid, "use up to 60 letters, digits, spaces, . _ and -, such as 2026-06-returns", "--batch %q is not a valid name", f.batch)
	}
	o := sheet.Options{Separator: separator, Columns: map[string]string{}, Labels: f.labels, Batch: f.batch}
	for _, text := range f.columns {
		field, column, found := strings.Cut(text, "=")
		if _, twice := o.Columns[field]; !found || field == "" || column == "" || twice {
			return o, fail(ExitInvalid, `use --map refund_amount="Amount to refund", each field once`, "--map %q is not FIELD=COLUMN, or repeats a field", text)
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
	if file != "-" {
		o.Name = filepath.Base(file)
	} else {
		name, file = "stdin", "stdin"
	}
	_, i, err := a.openImport(c.Context(), settings{}, f.importFlags, cmp.Or(f.batch, name))
	if err != nil {
		return err
	}
	in, err := a.input(c.Flags().Arg(0))
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	rows, err := i.Sheet(c.Context(), in, o)
	if err != nil {
		return err
	}
	shown := view.SheetImport{Sheet: filepath.ToSlash(file), Batch: f.batch, SheetResult: rows.Result,
		ImportedFile: view.ImportedFile{File: i.Target(), Account: i.Account.Name}}
	invalid := rows.Fatal() || rows.Bad() && !f.skipBad
	if !invalid && rows.Result.Added.Count > 0 {
		m, err := rows.Imported()
		if err != nil {
			return err
		}
		if shown.Written, err = a.writeImport(c.Context(), i, m, f.importFlags); err != nil {
			return err
		}
	}
	hint := "correct the rows and import the sheet again, or omit them with --skip-bad"
	if rows.Fatal() {
		hint = "" // the problems have their own hints
	}
	if err := a.showSheet(shown, f.importFlags, invalid, hint); err != nil {
		return err
	}
	if invalid {
		return quit(ExitInvalid)
	}
	return nil
}

// showSheet prints the result of an import; for an invalid sheet, its problems and the hint.
func (a *app) showSheet(shown view.SheetImport, f importFlags, invalid bool, hint string) error {
	if f.asJSON {
		return view.SheetImportedJSON(a.Out, shown, !invalid)
	}
	if err := view.SheetProblems(a.Err, shown, a.errStyle()); err != nil {
		return err
	}
	switch {
	case invalid:
		return view.FailureText(a.Err, view.Failure{Message: "nothing was written", Hint: hint}, a.errStyle())
	case f.dryRun:
		return view.SheetImported(a.Err, shown, a.errStyle())
	}
	return view.SheetImported(a.Out, shown, a.outStyle())
}

// input opens a file to import; - is stdin.
func (a *app) input(file string) (io.ReadCloser, error) {
	if file == "-" {
		return io.NopCloser(a.In), nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fail(ExitInvalid, "name a file that exists, or - for stdin", "%v", err)
	}
	return f, nil
}
