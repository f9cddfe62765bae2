package sheet

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"refundctl/internal/diag"
	"refundctl/internal/refund"
)

// header is the first row.
type header struct {
	names   []string       // as written
	columns map[string]int // by field, or labels.NAME
	labels  []string       // the labels among columns, without the prefix
	ignored []string
}

// name returns the name of a column, counted from 0, as a message may repeat it, or "" beyond the
// header. The first row of a wrong file may contain anything.
func (h header) name(column int) string {
	if column >= len(h.names) {
		return ""
	}
	return masked(h.names[column])
}

// masked returns a text, or "…" if it could be a secret or personal data.
func masked(text string) string {
	const longest, mostDigits = 60, 9
	digits := 0
	for _, r := range text {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	if len(text) > longest || digits > mostDigits || strings.ContainsAny(text, "@=") || strings.Contains(text, "cfsk_ma_") {
		return "…"
	}
	return text
}

// all returns the names of the columns, for a message.
func (h header) all() []string {
	names := make([]string, h.width())
	for i := range names {
		names[i] = h.name(i)
	}
	return names
}

// width returns how many cells a row must have. Spreadsheets add columns without a name.
func (h header) width() int {
	n := len(h.names)
	for n > 0 && h.names[n-1] == "" {
		n--
	}
	return n
}

func (o Options) known(names []string) (n int) {
	for _, name := range names {
		if o.fieldOf(Clean(name)) != "" || slices.Contains(o.Labels, Clean(name)) || slices.Contains(slices.Collect(maps.Values(o.Columns)), Clean(name)) {
			n++
		}
	}
	return n
}

// readHeader finds the columns: the chosen ones first, then those with a known name.
func (r *Reader) readHeader(names []string) []Problem {
	for i, name := range names {
		names[i] = Clean(name)
	}
	r.header = header{names: names, columns: map[string]int{}}
	if i := slices.IndexFunc(names, func(n string) bool { return !utf8.ValidString(n) }); i >= 0 {
		return []Problem{{Code: codeEncoding, Row: 1, Column: i + 1, Message: "the cell is not UTF-8", Hint: exportHint}}
	}
	problems := append(r.findChosen(), r.findLabels()...)
	problems = append(problems, r.findKnown()...)
	if len(problems) == 0 {
		problems = r.missingColumns()
	}
	r.classify()
	return problems
}

// findChosen finds the columns of --map.
func (r *Reader) findChosen() (problems []Problem) {
	for _, name := range slices.Sorted(maps.Keys(r.options.Columns)) {
		column, p := r.find(r.options.Columns[name])
		switch {
		case p != nil:
			problems = append(problems, *p)
		case !r.options.isField(name):
			problems = append(problems, Problem{Code: codeColumn, Row: 1, Message: fmt.Sprintf("%q is not a field that a column can map to", name),
				Hint: "use one of " + strings.Join(r.options.fieldNames(), ", ") + ", or labels.NAME"})
		default:
			r.header.columns[name] = column
		}
	}
	return problems
}

// findLabels finds the columns of --label.
func (r *Reader) findLabels() (problems []Problem) {
	for _, name := range r.options.Labels {
		label := strings.ReplaceAll(strings.ToLower(strings.Join(strings.Fields(name), "_")), ".", "")
		column, p := r.find(name)
		switch {
		case p != nil:
			problems = append(problems, *p)
		case !r.options.isField(labelPrefix + label):
			problems = append(problems, Problem{Code: codeColumn, Row: 1, Column: column + 1, Name: r.header.name(column), Message: "the name of this column is not a valid label name",
				Hint: "choose one with --map labels.NAME=" + Letter(column+1) + "; it consists of lowercase letters, digits, _ and -"})
		default:
			r.header.columns[labelPrefix+label] = column
		}
	}
	return problems
}

// find returns the column with this name: as written, in the form of plain, or by its letter.
func (r *Reader) find(name string) (int, *Problem) {
	for _, same := range []func(string) bool{
		func(n string) bool { return n == Clean(name) },
		func(n string) bool { return plain(n) == plain(name) && plain(n) != "" },
	} {
		var at []int
		for i, n := range r.header.names {
			if same(n) {
				at = append(at, i)
			}
		}
		switch {
		case len(at) == 1:
			return at[0], nil
		case len(at) > 1:
			return 0, &Problem{Code: codeColumn, Row: 1, Message: fmt.Sprintf("columns %s and %s are both named %s", Letter(at[0]+1), Letter(at[1]+1), name),
				Hint: "identify the column by its letter"}
		}
	}
	for i := range r.header.names {
		if Letter(i+1) == name {
			return i, nil
		}
	}
	hint := "the columns are " + strings.Join(r.header.all(), ", ")
	if near := diag.Nearest(name, r.header.names); near != "" {
		hint = "did you mean " + near + "?"
	}
	return 0, &Problem{Code: codeColumn, Row: 1, Message: "there is no column " + name, Hint: hint}
}

// findKnown finds the columns with a known name. Two for one field are a problem: a person must choose.
func (r *Reader) findKnown() (problems []Problem) {
	at := map[string]int{}
	for i, name := range r.header.names {
		f := r.options.fieldOf(name)
		_, chosen := r.header.columns[f]
		if f == "" || chosen || slices.ContainsFunc(r.readAs(i), func(as string) bool { return !strings.HasPrefix(as, labelPrefix) }) {
			continue
		}
		if first, twice := at[f]; twice {
			problems = append(problems, r.choice(f, first, i))
			continue
		}
		at[f] = i
	}
	maps.Copy(r.header.columns, at)
	if amount, there := at[fieldAmount]; there && isBareAmount(r.header.names[amount]) {
		if i := slices.IndexFunc(r.header.names, isRefund); i >= 0 && len(r.readAs(i)) == 0 {
			problems = append(problems, r.choice(fieldAmount, amount, i))
		}
	}
	_, order := r.header.columns[fieldOrder]
	_, subscription := r.header.columns[fieldSubscription]
	if _, payment := at[fieldPayment]; payment && order && !subscription {
		delete(r.header.columns, fieldPayment) // a refund of an order names no payment
	}
	return problems
}

// choice returns the problem of two columns that can be the same field.
func (r *Reader) choice(field string, first, second int) Problem {
	return Problem{Code: codeColumn, Row: 1, Column: second + 1, Name: r.header.name(second),
		Message: fmt.Sprintf("columns %s (%s) and %s (%s) can both be %s", Letter(first+1), r.header.name(first), Letter(second+1), r.header.name(second), field),
		Hint:    fmt.Sprintf("choose one: --map %s=%s or --map %s=%s", field, r.flagName(first), field, r.flagName(second))}
}

// flagName returns a column as --map takes it: the quoted name, or the letter if the name is not unique.
func (r *Reader) flagName(column int) string {
	if _, p := r.find(r.header.names[column]); p != nil {
		return Letter(column + 1)
	}
	return strconv.Quote(r.header.name(column))
}

// readAs returns the fields and labels.NAMEs that are read from a column.
func (r *Reader) readAs(column int) (as []string) {
	for name, at := range r.header.columns {
		if at == column {
			as = append(as, name)
		}
	}
	return as
}

// missingColumns returns a problem for each column without which no row is a refund.
func (r *Reader) missingColumns() (problems []Problem) {
	has := func(field string) bool { _, there := r.header.columns[field]; return there }
	report := func(field string) {
		problems = append(problems, Problem{Code: codeColumn, Row: 1, Message: "there is no column for " + field,
			Hint: fmt.Sprintf("the first row must contain the column names; choose a column with --map %s=COLUMN: %s", field, strings.Join(r.header.all(), ", "))})
	}
	if parents := r.options.parents(); !slices.ContainsFunc(parents, has) {
		report(parents[0])
	}
	if !has(fieldAmount) {
		report(fieldAmount)
	}
	if len(problems) == 0 && !has(fieldRefund) && r.options.Batch == "" {
		problems = append(problems, batchProblem(1))
	}
	return problems
}

// parents returns the fields of which one says what to refund.
func (o Options) parents() []string {
	if slices.Contains(o.Kinds, refund.Payment) {
		return []string{fieldPayment}
	}
	return []string{fieldOrder, fieldSubscription}
}

// classify sets the columns that are not read, and the labels among the others.
func (r *Reader) classify() {
	for i, name := range r.header.names {
		if name != "" && len(r.readAs(i)) == 0 {
			r.header.ignored = append(r.header.ignored, r.header.name(i))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.header.columns)) {
		if label, isLabel := strings.CutPrefix(name, labelPrefix); isLabel {
			r.header.labels = append(r.header.labels, label)
		}
	}
}
