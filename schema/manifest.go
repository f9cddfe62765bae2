package schema

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strconv"

	"golang.org/x/sync/errgroup"

	"refundctl/internal/diag"
	"refundctl/internal/money"
	"refundctl/internal/refund"
)

// manifestFile is one manifest while it is read, and what it held.
type manifestFile struct {
	out      *sink
	sum      [sha256.Size]byte
	accounts map[string]Account
	specs    []refund.Spec
	ids      []writtenID
	convert  converter
	at       row       // the current row
	rules    *document // the contract
	rows     *contract
	head     map[string]any // of the current document, without its refunds
	refused  bool           // whether the contract refuses that head
	account  string         // of the current document
	defaults defaults
}

// usedID is what must be there once in a project.
type usedID struct{ account, refundID string }

type writtenID struct {
	usedID
	line, column int
}

func readManifest(f manifestPath, opts Options) *manifestFile {
	m := newManifest(f.name, opts.Accounts)
	data, sum := opts.slurp(m.out, f)
	m.sum = sum
	if m.out.failed() == 0 {
		m.read(data)
	}
	return m
}

func newManifest(name string, accounts map[string]Account) *manifestFile {
	return &manifestFile{out: &sink{file: name}, accounts: accounts, rules: manifestDocument()}
}

// read takes the documents of a file one after another, up to the first that is not YAML.
func (m *manifestFile) read(data []byte) {
	text, ok := legible(m.out, data)
	if !ok {
		return
	}
	m.convert = newConverter(m.out, len(text)/10)
	m.rows = m.rules.rows()
	var empty []*node
	count := 0
	err := documentsOf(text, func(root *node) {
		count++
		if isNull(root) {
			empty = append(empty, root)
		} else if !m.convert.bomb {
			m.document(root)
		}
	})
	switch {
	case err != nil:
		illSyntax(m.out, text, err)
	case len(empty) == count:
		m.out.warnAt(1, 1, codeEmptyFile, "the file holds no refunds", "remove it, or begin it with version: 1")
		return
	}
	for _, n := range empty {
		m.out.warn(n, codeEmptyDocument, "this YAML document is empty", "take the --- away")
	}
}

// document reads the head of a document, then its refunds one by one, so that each costs little. Where
// the head is wrong, none of them is asked for.
func (m *manifestFile) document(root *node) {
	if isForeign(root, "refunds") {
		refuseForeign(m.out, root, m.rules.contract)
		return
	}
	m.convert.begin()
	before, asked := m.out.failed(), len(m.specs)
	var value any
	m.head = map[string]any{}
	if root.Kind == mappingNode {
		m.convert.mapping(root, m.rules.contract, m.head, "refunds")
		value = m.head
	} else {
		value = m.convert.value(root, m.rules.contract)
	}
	refused := m.convert.bad
	if !refused {
		failures := m.convert.judge(m.rules.head, value)
		explain(m.out, m.rules, m.rules.contract, root, failures, money.INR)
		refused = len(failures) > 0
	}
	delete(m.head, "refunds")
	m.account, m.defaults = "default", defaults{currency: money.INR}
	m.heads(root)
	refused = refused || m.out.failed() > before
	m.refused = refused
	if _, list := child(root, "refunds"); list != nil && target(list).Kind == sequenceNode {
		m.list(target(list).Content)
	}
	if refused {
		m.specs = m.specs[:asked]
	}
}

// chunkRows is how many refunds are checked by one core at a time. It is fixed, so that the same
// file gives the same diagnostics on any machine.
const chunkRows = 500

// list reads the refunds of a document on all cores and puts what they gave in order.
func (m *manifestFile) list(rows []*node) {
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	var parts []*manifestFile
	for chunk := range slices.Chunk(rows, chunkRows) {
		part := &manifestFile{
			out: &sink{file: m.out.file}, accounts: m.accounts, rules: m.rules, rows: m.rows, head: m.head, refused: m.refused, account: m.account, defaults: m.defaults,
			specs: make([]refund.Spec, 0, len(chunk)), ids: make([]writtenID, 0, len(chunk)),
		}
		part.convert = newConverter(part.out, m.convert.expanded*len(chunk)/len(rows))
		parts = append(parts, part)
		group.Go(func() error {
			for rows := range slices.Chunk(chunk, batchRows) {
				part.batch(rows)
			}
			return nil
		})
	}
	_ = group.Wait() // the parts keep their errors
	m.specs, m.ids = slices.Grow(m.specs, len(rows)), slices.Grow(m.ids, len(rows))
	for _, part := range parts {
		if m.convert.bomb {
			break // given up already: one bomb is told once
		}
		m.specs, m.ids = append(m.specs, part.specs...), append(m.ids, part.ids...)
		m.out.join(part.out)
		m.convert.bomb = part.convert.bomb
	}
}

// heads keeps what a document says for all of its refunds.
func (m *manifestFile) heads(root *node) {
	at := root
	if _, n := child(root, "account"); n != nil && target(n).Kind == scalarNode && !isNull(target(n)) && !isTruth(target(n)) {
		at, m.account = n, target(n).Value
	}
	if _, known := m.accounts[m.account]; m.accounts != nil && !known {
		names := slices.Sorted(maps.Keys(m.accounts))
		hint := "the configuration has " + listed(names)
		if near := diag.Nearest(m.account, names); near != "" {
			hint = "did you mean " + near + "?"
		}
		m.out.add(at, codeUnknownAccount, fmt.Sprintf("account %s is not in the configuration", shown(m.account)), hint)
	}
	if _, n := child(root, "defaults"); n != nil {
		m.defaults.read(m.out, target(n))
	}
}

// batchRows is how many refunds the contract checks at once: its rules for a whole document cost as
// much for one refund as for many.
const batchRows = 50

// candidate is one refund as it is written.
type candidate struct {
	at       *node
	value    any
	failures []failure // what the contract says no to
	sound    bool      // nothing was wrong with it as YAML
}

// batch reads some refunds and checks them together against the whole contract.
func (m *manifestFile) batch(rows []*node) {
	batch := make([]candidate, 0, len(rows))
	for _, at := range rows {
		before := m.out.failed()
		m.convert.begin()
		value := m.value(at)
		if m.convert.bomb {
			break
		}
		if !m.convert.bad {
			batch = append(batch, candidate{at, value, m.convert.spelled, m.out.failed() == before})
		}
	}
	if len(batch) > 0 {
		m.checkRows(batch)
	}
	for _, w := range batch {
		m.row(w)
	}
}

// value is a refund as a JSON value. Problems of its fields are reported at them.
func (m *manifestFile) value(at *node) any {
	if at.Kind != mappingNode {
		return m.convert.value(at, m.rows)
	}
	fields := make(map[string]any, len(at.Content)/2)
	m.convert.mapping(at, m.rows, fields, "")
	return fields
}

// checkRows checks refunds against the whole contract, as the only ones of their document, so that every
// keyword about refunds applies. The head was checked against the rest.
func (m *manifestFile) checkRows(batch []candidate) {
	document, values := maps.Clone(m.head), make([]any, len(batch))
	for i, w := range batch {
		values[i] = w.value
	}
	document["refunds"] = values
	failures := check(m.rules.contract, document)
	if len(batch) > 1 && slices.ContainsFunc(failures, func(f failure) bool { return !ofRow(f) }) {
		for i := range batch { // it names none of them: each is checked alone
			m.checkRows(batch[i : i+1])
		}
		return
	}
	for _, f := range failures {
		i := 0
		switch {
		case ofRow(f):
			i, _ = strconv.Atoi(f.pointer[1]) // an index: the library found it
			f.pointer = f.pointer[2:]
		case m.refused:
			continue // the head was refused for it
		default: // the head alone was not: it is this refund that the contract does not take
			f.pointer = nil
		}
		batch[i].failures = append(batch[i].failures, f)
	}
}

// ofRow reports whether a document fails at one of its refunds.
func ofRow(f failure) bool { return len(f.pointer) >= 2 && f.pointer[0] == "refunds" }

// row takes in one refund. It becomes a spec only if nothing is wrong with it.
func (m *manifestFile) row(w candidate) {
	at, n, failures := w.at, target(w.at), w.failures
	before := m.out.failed()
	m.at = row{out: m.out, node: n, currency: m.defaults.currency, failures: failures}
	r := &m.at
	if n.Kind == mappingNode {
		r.decode(m.defaults)
	}
	explain(m.out, m.rules, m.rows, n, failures, r.currency)
	if n.Kind != mappingNode {
		return
	}
	r.spec.Account, r.spec.Source = m.account, m.out.place(at.Line, at.Column)
	r.judge()
	m.judgeAccount(r)
	if r.id != nil && !r.failedAt("refund_id") {
		place := r.id
		if at != n { // an alias: what it stands for may be fine by itself
			place = at
		}
		m.ids = append(m.ids, writtenID{usedID{m.account, r.spec.RefundID}, place.Line, place.Column})
	}
	if w.sound && len(failures) == 0 && m.out.failed() == before {
		m.specs = append(m.specs, r.spec)
	}
}

// refuseTwins reports each refund_id that this file or one before it used already.
func (m *manifestFile) refuseTwins(first map[usedID]diag.Place) {
	for _, id := range m.ids {
		there, twice := first[id.usedID]
		if !twice {
			first[id.usedID] = m.out.place(id.line, id.column)
			continue
		}
		m.out.addAt(id.line, id.column, codeDuplicateID, fmt.Sprintf("refund_id %s is used already at %s", id.refundID, there),
			"give each refund its own refund_id; the API takes one only once")
	}
}
