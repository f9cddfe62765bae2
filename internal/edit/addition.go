package edit

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"refundctl/internal/diag"
	"refundctl/internal/durable"
	"refundctl/internal/refund"
	"refundctl/schema"
	"refundctl/schema/layout"
)

// Addition is a manifest with one more row, not written yet.
type Addition struct {
	Refund    refund.Spec       // the row as it will be read back, with its place
	Warnings  []diag.Diagnostic // about the row
	Duplicate *refund.Spec      // a row that plan will consider the same refund; nil for none

	path   string
	before []byte // nil: the file is new
	after  []byte
}

// Write puts the row into its manifest, whole or not at all. If the manifest changed since it was read, it
// fails with durable.ErrChanged.
func (d *Addition) Write() error { return writeManifest(d.path, d.before, d.after) }

// writeManifest replaces before by after in a manifest; a nil before is a file that does not exist.
func writeManifest(path string, before, after []byte) error {
	if before == nil {
		return durable.CreateAt(path, after, 0o644)
	}
	return durable.Rewrite(path, before, after)
}

// add prepares a row, and validates its manifest with it. The rest of the project is already valid, but must not
// use the refund_id.
func (e *Editor) add(ctx context.Context, path string, row refund.Spec) (*Addition, error) {
	same := func(s refund.Spec) bool {
		return s.RefundID == row.RefundID && (row.Account == "" || s.Account == row.Account)
	}
	if i := slices.IndexFunc(e.Loaded.Specs, same); i >= 0 {
		return nil, refuse(IDInManifest, "", "nothing was written: refund_id %s is already used at %s", row.RefundID, e.Loaded.Specs[i].Source)
	}
	d := &Addition{path: path}
	line, err := d.insert(e.Project, row)
	if err != nil {
		return nil, err
	}
	options := e.options()
	options.Instead = map[string][]byte{e.name(path): d.after}
	checked, err := schema.Load(ctx, nil, options)
	if err != nil {
		return nil, err
	}
	if diag.HasError(checked.Diagnostics) {
		return nil, invalidRow(checked.Diagnostics)
	}
	i := slices.IndexFunc(checked.Specs, func(s refund.Spec) bool { return s.Source.Line == line })
	if i < 0 {
		return nil, refuse(NotReadBack, "", "nothing was written: the row would not be read back from %s", e.name(path))
	}
	d.Refund = checked.Specs[i]
	for _, w := range checked.Diagnostics {
		if w.Line >= line && w.Line < line+strings.Count(layout.WriteRefund(row), "\n") {
			d.Warnings = append(d.Warnings, w)
		}
	}
	if err := sameMeaning(d.Refund, row); err != nil {
		return nil, err
	}
	if err := e.unused(d.Refund); err != nil {
		return nil, err
	}
	d.Duplicate = e.duplicateOf(d.Refund)
	return d, nil
}

// insert makes the manifest's text with the row, and returns the row's line.
func (d *Addition) insert(p Project, row refund.Spec) (int, error) {
	before, err := os.ReadFile(d.path)
	if errors.Is(err, fs.ErrNotExist) {
		head := layout.WriteHead(p.schemaFor(d.path), row.Account)
		d.after = []byte(head + layout.WriteRefund(row))
		return strings.Count(head, "\n") + 1, nil
	}
	if err != nil {
		return 0, refuse(UnreadableManifest, "", "%v", err)
	}
	got, err := layout.Insert(before, row)
	if err != nil {
		return 0, refuse(NoRoomForRow, "", "%s: a row cannot be added: %v", p.name(d.path), err)
	}
	d.before, d.after = before, got.Text
	return got.Line, nil
}

// invalidRow is the refusal of an invalid row, with the messages of validate.
func invalidRow(found []diag.Diagnostic) error {
	var messages []string
	hint := ""
	for _, d := range found {
		if d.Severity == diag.Error {
			messages = append(messages, d.Message)
			hint = cmp.Or(hint, d.Hint)
		}
	}
	return refuse(InvalidRow, hint, "nothing was written: %s", strings.Join(messages, "; "))
}

// sameMeaning refuses a row that would ask for something else in its manifest, whose account and defaults apply to
// it too. A manifest may only set fields that the row omits.
func sameMeaning(got, asked refund.Spec) error {
	other := refuse(OtherMeaning, "", "nothing was written: in %s the row would ask for something else, because of the manifest's defaults or a text that is not UTF-8; its amount would be %s", got.Source.File, got.Amount.Human())
	if asked.Account != "" && got.Account != asked.Account {
		return refuse(OtherAccount, asked.Account, "%s is a manifest of account %s, not %s", got.Source.File, got.Account, asked.Account)
	}
	for name, value := range asked.Labels {
		if got.Labels[name] != value {
			return other
		}
	}
	asked.Note, asked.Speed, asked.Type = cmp.Or(asked.Note, got.Note), cmp.Or(asked.Speed, got.Speed), cmp.Or(asked.Type, got.Type)
	asked.Hold, asked.Labels = asked.Hold || got.Hold, got.Labels
	if layout.WriteRefund(got) != layout.WriteRefund(asked) {
		return other
	}
	return nil
}

// unused refuses a refund_id that the ledger already knows in the row's account: the two refunds would count as one.
func (e *Editor) unused(row refund.Spec) error {
	for _, known := range e.remembered(row.RefundID) {
		if known.AccountName == row.Account {
			return refuse(IDInLedger, row.RefundID, "the ledger already knows a refund %s of %s %s; nothing was written", row.RefundID, known.ID.Kind, known.ID.ID)
		}
	}
	return nil
}
