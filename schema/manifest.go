package schema

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strconv"

	"refundctl/internal/diag"
	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/internal/task"
	"refundctl/schema/yamltree"
)

// manifestFile is one manifest while it is read, and its refunds.
type manifestFile struct {
	out      *yamltree.Diagnostics
	sum      [sha256.Size]byte
	accounts map[string]Account
	specs    []refund.Spec
	ids      []writtenID
	convert  *converter
	at       row // the current row
	schema   *JSONSchema
	rows     *subschema
	head     map[string]any // of the current document, without its refunds
	refused  bool           // the schema refuses that head
	account  string         // of the current document
	defaults defaults
	file     File
	passed   bool // the file is something else than a manifest
}

// usedID must be unique in a project.
type usedID struct{ account, refundID string }

type writtenID struct {
	usedID
	line, column int
}

func readManifest(f File, opts Options) *manifestFile {
	m := newManifest(f.Name, opts.Accounts)
	m.file = f
	data, sum := opts.read(m.out, f)
	m.sum = sum
	if m.out.Errors() == 0 {
		m.read(data)
	}
	return m
}

func newManifest(name string, accounts map[string]Account) *manifestFile {
	return &manifestFile{out: &yamltree.Diagnostics{File: name}, accounts: accounts, schema: manifestSchema()}
}

// read reads the documents of a file one after another, up to where the text stops being YAML.
func (m *manifestFile) read(data []byte) {
	text, ok := yamltree.CheckText(m.out, data)
	if !ok {
		m.passOverText(data)
		return
	}
	m.convert = newConverter(m.out, len(text)/10)
	m.rows = m.schema.rows()
	var empty []*node
	count := 0
	err := yamltree.Documents(text, func(root *node) {
		count++
		switch {
		case yamltree.IsNull(root):
			empty = append(empty, root)
		case m.passOver(root):
		case !m.convert.AliasBomb:
			m.document(root)
		}
	})
	switch {
	case err != nil:
		yamltree.ReportSyntax(m.out, text, err)
		m.passOverText(text)
	case len(empty) == count:
		m.out.WarnAt(1, 1, CodeEmptyFile, "the file contains no refunds", "remove it, or begin it with version: 1")
		return
	}
	for _, n := range empty {
		m.out.Warn(n, CodeEmptyDocument, "this YAML document is empty", "remove the ---")
	}
}

// document reads the head of a document, then its refunds one by one, so that each costs little. If the head is
// wrong, none of them becomes a spec.
func (m *manifestFile) document(root *node) {
	switch other := otherKind(root); {
	case otherHints[other] != "":
		m.out.Error(root, CodeForeign, "this is "+string(other)+", not a manifest", otherHints[other])
		return
	case isForeign(root, "refunds"):
		refuseForeign(m.out, root, m.schema.root)
		return
	}
	m.convert.begin()
	before, specs := m.out.Errors(), len(m.specs)
	var value any
	m.head = map[string]any{}
	if root.Kind == yamltree.MappingNode {
		m.convert.Mapping(root, shape{m.schema.root}, m.head, "refunds")
		value = m.head
	} else {
		value = m.convert.value(root, m.schema.root)
	}
	refused := m.convert.Refused
	if !refused {
		failures := m.convert.failures(m.schema.head, value)
		explain(m.out, m.schema, m.schema.root, root, failures, money.INR)
		refused = len(failures) > 0
	}
	delete(m.head, "refunds")
	m.account, m.defaults = "default", defaults{currency: money.INR}
	m.readHead(root)
	refused = refused || m.out.Errors() > before
	m.refused = refused
	if _, list := yamltree.Child(root, "refunds"); list != nil && yamltree.Resolve(list).Kind == yamltree.SequenceNode {
		m.list(yamltree.Resolve(list).Content)
	}
	if refused {
		m.specs = m.specs[:specs]
	}
}

// chunkRows is how many refunds one core checks at a time. It is fixed, so that a file has the same diagnostics on
// every machine.
const chunkRows = 500

// list reads the refunds of a document on all cores, and joins the results in order.
func (m *manifestFile) list(rows []*node) {
	group := task.New()
	group.SetLimit(runtime.GOMAXPROCS(0))
	var parts []*manifestFile
	for chunk := range slices.Chunk(rows, chunkRows) {
		part := &manifestFile{
			out: &yamltree.Diagnostics{File: m.out.File}, accounts: m.accounts, schema: m.schema, rows: m.rows, head: m.head, refused: m.refused, account: m.account, defaults: m.defaults,
			specs: make([]refund.Spec, 0, len(chunk)), ids: make([]writtenID, 0, len(chunk)),
		}
		part.convert = newConverter(part.out, m.convert.AliasBudget*len(chunk)/len(rows))
		parts = append(parts, part)
		group.Go(func() error {
			for rows := range slices.Chunk(chunk, batchRows) {
				part.batch(rows)
			}
			return nil
		})
	}
	_ = group.Wait() // it returns no errors: the parts keep them
	m.specs, m.ids = slices.Grow(m.specs, len(rows)), slices.Grow(m.ids, len(rows))
	for _, part := range parts {
		if m.convert.AliasBomb {
			break // the file is given up: an alias bomb is reported once
		}
		m.specs, m.ids = append(m.specs, part.specs...), append(m.ids, part.ids...)
		m.out.Merge(part.out)
		m.convert.AliasBomb = part.convert.AliasBomb
	}
}

// readHead reads what a document says for all of its refunds.
func (m *manifestFile) readHead(root *node) {
	at := root
	if _, n := yamltree.Child(root, "account"); n != nil && yamltree.Resolve(n).Kind == yamltree.ScalarNode && !yamltree.IsNull(yamltree.Resolve(n)) && !yamltree.IsBool(yamltree.Resolve(n)) {
		at, m.account = n, yamltree.Resolve(n).Value
	}
	if _, known := m.accounts[m.account]; m.accounts != nil && !known {
		names := slices.Sorted(maps.Keys(m.accounts))
		hint := "the configuration has " + orList(names)
		if near := diag.Nearest(m.account, names); near != "" {
			hint = "did you mean " + near + "?"
		}
		m.out.Error(at, CodeUnknownAccount, fmt.Sprintf("account %s is not in the configuration", yamltree.Printable(m.account)), hint)
	}
	if _, n := yamltree.Child(root, "defaults"); n != nil {
		m.defaults.read(m.out, yamltree.Resolve(n))
	}
}

// batchRows is how many refunds are checked against the schema at once: its rules for a whole document cost as much
// for one refund as for many.
const batchRows = 50

// candidate is one refund as written.
type candidate struct {
	at       *node
	value    any
	failures []failure // why the schema refuses it
	sound    bool      // nothing is wrong with it as YAML
}

// batch reads some refunds and checks them together against the whole schema.
func (m *manifestFile) batch(rows []*node) {
	batch := make([]candidate, 0, len(rows))
	for _, at := range rows {
		before := m.out.Errors()
		m.convert.begin()
		value := m.value(at)
		if m.convert.AliasBomb {
			break
		}
		if !m.convert.Refused {
			batch = append(batch, candidate{at, value, m.convert.spelled, m.out.Errors() == before})
		}
	}
	if len(batch) > 0 {
		m.checkRows(batch)
	}
	for _, w := range batch {
		m.row(w)
	}
}

// value returns a refund as a JSON value. Problems of its fields are reported.
func (m *manifestFile) value(at *node) any {
	if at.Kind != yamltree.MappingNode {
		return m.convert.value(at, m.rows)
	}
	fields := make(map[string]any, len(at.Content)/2)
	m.convert.Mapping(at, shape{m.rows}, fields, "")
	return fields
}

// checkRows checks refunds against the whole schema, as the only ones of their document, so that every keyword about
// refunds applies. The head was checked without them.
func (m *manifestFile) checkRows(batch []candidate) {
	document, values := maps.Clone(m.head), make([]any, len(batch))
	for i, w := range batch {
		values[i] = w.value
	}
	document["refunds"] = values
	failures := check(m.schema.root, document)
	if len(batch) > 1 && slices.ContainsFunc(failures, func(f failure) bool { return !ofRow(f) }) {
		for i := range batch { // the failure names none of them: check each alone
			m.checkRows(batch[i : i+1])
		}
		return
	}
	for _, f := range failures {
		i := 0
		switch {
		case ofRow(f):
			i, _ = strconv.Atoi(f.pointer[1]) // an index that the library found
			f.pointer = f.pointer[2:]
		case m.refused:
			continue // it is a failure of the head, reported there
		default: // the head alone is valid: the schema refuses this refund
			f.pointer = nil
		}
		batch[i].failures = append(batch[i].failures, f)
	}
}

// ofRow reports whether a document fails at one of its refunds.
func ofRow(f failure) bool { return len(f.pointer) >= 2 && f.pointer[0] == "refunds" }

// row reads one refund. It becomes a spec only if nothing is wrong with it.
func (m *manifestFile) row(w candidate) {
	at, n, failures := w.at, yamltree.Resolve(w.at), w.failures
	before := m.out.Errors()
	m.at = row{out: m.out, node: n, currency: m.defaults.currency, failures: failures}
	r := &m.at
	if n.Kind == yamltree.MappingNode {
		r.decode(m.defaults)
	}
	explain(m.out, m.schema, m.rows, n, failures, r.currency)
	if n.Kind != yamltree.MappingNode {
		return
	}
	r.spec.Account, r.spec.Source = m.account, m.out.Place(at.Line, at.Column)
	r.validate()
	m.validateAccount(r)
	if r.id != nil && !r.failedAt("refund_id") {
		place := r.id
		if at != n { // an alias: the refund that it refers to may be valid
			place = at
		}
		m.ids = append(m.ids, writtenID{usedID{m.account, r.spec.RefundID}, place.Line, place.Column})
	}
	if w.sound && len(failures) == 0 && m.out.Errors() == before {
		m.specs = append(m.specs, r.spec)
	}
}

// reportDuplicates reports each refund_id that is already used in this file or in one before it.
func (m *manifestFile) reportDuplicates(first map[usedID]diag.Place) {
	for _, id := range m.ids {
		there, twice := first[id.usedID]
		if !twice {
			first[id.usedID] = m.out.Place(id.line, id.column)
			continue
		}
		m.out.ErrorAt(id.line, id.column, CodeDuplicateID, fmt.Sprintf("refund_id %s is already used at %s", id.refundID, there),
			"give each refund its own refund_id; the API accepts one only once")
	}
}
