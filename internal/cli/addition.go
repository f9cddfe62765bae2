package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"refundctl/internal/diag"
	"refundctl/internal/durable"
	"refundctl/internal/refund"
	"refundctl/internal/view"
	"refundctl/schema"
	"refundctl/state"
	"refundctl/state/local"
)

// editing is a project whose manifests this process alone adds rows to, and what is known of it.
type editing struct {
	app     *app
	project *project
	loaded  schema.Result
	state   *state.State
	ledger  *local.Ledger
	release func() error
}

// edit takes the lock, so that commands that run side by side all keep their rows, and loads. A
// project that is not valid is not added to.
func (a *app) edit(ctx context.Context) (*editing, error) {
	p, err := a.project(settings{})
	if err != nil {
		return nil, err
	}
	release, err := lockManifests(ctx, p.root)
	if err != nil {
		return nil, err
	}
	e := &editing{app: a, project: p, release: release}
	if err := e.load(ctx); err != nil {
		return nil, errors.Join(err, release())
	}
	return e, nil
}

func (e *editing) load(ctx context.Context) (err error) {
	if e.loaded, err = e.app.manifests(ctx, e.project, nil); err != nil {
		return err
	}
	if e.ledger, err = e.project.openLedger(); err != nil {
		return err
	}
	e.state, err = e.app.load(ctx, held{e.ledger, e.project})
	return err
}

func lockManifests(ctx context.Context, root string) (func() error, error) {
	const patience = time.Minute // the others only read and write files, maybe large ones
	dir, err := localFolder(root)
	if err != nil {
		return nil, err
	}
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	release, err := local.Exclusive(waiting, filepath.Join(dir, "manifests.lock"))
	switch {
	case err == nil || ctx.Err() != nil:
		return release, err
	case errors.Is(err, context.DeadlineExceeded):
		return nil, fail(ExitLocked, "wait for it; a lock goes with its process", "another command has been writing manifests for %s", patience)
	}
	return nil, fail(ExitError, "its folder must be yours to write; see its owner and mode", "%v", err)
}

// remembered are the ledger's refunds of the accounts as the configuration has them now: what an
// account did in another environment, or as another merchant, says nothing of it.
func (e *editing) remembered(id string) (found []state.Entry) {
	for _, b := range e.state.Bindings() {
		i := slices.IndexFunc(e.project.Accounts, func(c schema.ConfigAccount) bool {
			return c.Name == b.Account && c.API == b.API && c.Environment == b.Environment && (e.app.account == "" || e.app.account == c.Name)
		})
		if i < 0 {
			continue
		}
		for _, entry := range e.state.OfRefundID(b.Fingerprint, id) {
			entry.AccountName = b.Account // it may have had another name then
			found = append(found, entry)
		}
	}
	return found
}

// taken are all refund_ids that the project has ever used, as far as it knows.
func (e *editing) taken() map[string]bool {
	taken := map[string]bool{}
	for _, s := range e.loaded.Specs {
		taken[s.RefundID] = true
	}
	for _, entry := range e.state.Entries() {
		taken[entry.ID.RefundID] = true
	}
	return taken
}

// addition is a manifest with one refund more, not written yet.
type addition struct {
	path     string
	before   []byte // nil: the file is new
	after    []byte
	refund   refund.Spec // as it is read then, with its place
	warnings []diag.Diagnostic
}

// add prepares a row, and holds its manifest with it against every rule. The rest of the project is
// valid already, and needs only not to have that refund_id.
func (e *editing) add(ctx context.Context, path string, want refund.Spec) (*addition, error) {
	same := func(s refund.Spec) bool {
		return s.RefundID == want.RefundID && (want.Account == "" || s.Account == want.Account)
	}
	if i := slices.IndexFunc(e.loaded.Specs, same); i >= 0 {
		return nil, fail(ExitInvalid, "the API takes a refund_id only once: choose another, or leave --refund-id away", "nothing was written: refund_id %s is used already at %s", want.RefundID, e.loaded.Specs[i].Source)
	}
	d := &addition{path: path}
	line, err := d.insert(e, want)
	if err != nil {
		return nil, err
	}
	name := e.name(path)
	checked, err := schema.Load(ctx, nil, schema.Options{Root: e.project.root, Accounts: e.project.Known(), Instead: map[string][]byte{name: d.after}})
	if err != nil {
		return nil, err
	}
	if diag.HasError(checked.Diagnostics) {
		return nil, notValid(checked.Diagnostics)
	}
	i := slices.IndexFunc(checked.Specs, func(s refund.Spec) bool { return s.Source.Line == line })
	if i < 0 {
		return nil, fail(ExitError, "add the row by hand, and please report it", "the row cannot be found again in %s; nothing was written", name)
	}
	d.refund = checked.Specs[i]
	for _, w := range checked.Diagnostics {
		if w.Line >= line && w.Line < line+strings.Count(schema.WriteRefund(want), "\n") {
			d.warnings = append(d.warnings, w)
		}
	}
	return d, e.check(d.refund, want)
}

// insert makes the text, and tells the line of the new row.
func (d *addition) insert(e *editing, want refund.Spec) (int, error) {
	before, err := os.ReadFile(d.path)
	if errors.Is(err, fs.ErrNotExist) {
		head := schema.WriteHead(e.schemaFor(d.path), want.Account)
		d.after = []byte(head + schema.WriteRefund(want))
		return strings.Count(head, "\n") + 1, nil
	}
	if err != nil {
		return 0, fail(ExitError, "see its owner and mode", "%v", err)
	}
	got, err := schema.Insert(before, want)
	if err != nil {
		return 0, fail(ExitInvalid, "add the row by hand, or name another manifest with --file; a new one will do", "%s: a row cannot be added: %v", e.name(d.path), err)
	}
	d.before, d.after = before, got.Text
	return got.Line, nil
}

// notValid is the refusal of a row, in the words that validate has for it.
func notValid(found []diag.Diagnostic) error {
	var messages []string
	hint := ""
	for _, d := range found {
		if d.Severity == diag.Error {
			messages = append(messages, d.Message)
			hint = firstOf(hint, d.Hint)
		}
	}
	return fail(ExitInvalid, hint, "nothing was written: %s", strings.Join(messages, "; "))
}

// check refuses a row that would say something else than what was asked for: a manifest's account and
// defaults hold for it too.
func (e *editing) check(got, want refund.Spec) error {
	if want.Account != "" && got.Account != want.Account {
		return fail(ExitInvalid, "name a manifest of account "+want.Account+" with --file; a new one will do", "%s is a manifest of account %s, not %s", got.Source.File, got.Account, want.Account)
	}
	for name, value := range want.Labels {
		if got.Labels[name] != value {
			return unlike(got)
		}
	}
	want.Note, want.Speed, want.Type = firstOf(want.Note, got.Note), firstOf(want.Speed, got.Speed), firstOf(want.Type, got.Type)
	want.Hold, want.Labels = want.Hold || got.Hold, got.Labels
	if schema.WriteRefund(got) != schema.WriteRefund(want) {
		return unlike(got)
	}
	return nil
}

func unlike(got refund.Spec) error {
	return fail(ExitInvalid, "name another manifest with --file, or write the row by hand", "nothing was written: in %s the row would say something else, by its defaults or because a text is not UTF-8; it would be of %s", got.Source.File, got.Amount.Human())
}

// write puts the row into its file, whole or not at all.
func (d *addition) write() error {
	return writeManifest(d.path, d.before, d.after)
}

// writeManifest makes a manifest hold after where it holds before, nil for a file that is not there.
func writeManifest(path string, before, after []byte) error {
	if before != nil {
		err := durable.Rewrite(path, before, after)
		if errors.Is(err, durable.ErrChanged) {
			return fail(ExitError, "run it again; what is there now was kept", "nothing was written to %s: %v", path, err)
		}
		return unwritten(err)
	}
	return unwritten(durable.CreateAt(path, after, 0o644))
}

// unwritten tells that a file is as it was.
func unwritten(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		return fail(ExitError, "nothing was written; make the folder first", "%v", err)
	}
	return fail(ExitError, "the file is as it was; see its folder's owner, mode and free space", "%v", err)
}

// finish writes the row and tells where it is.
func (e *editing) finish(d *addition, asJSON bool) error {
	if err := d.write(); err != nil {
		return err
	}
	if err := view.Diagnostics(e.app.Err, d.warnings, e.app.errStyle()); err != nil {
		return err
	}
	if err := e.warnOfTwins(d.refund); err != nil {
		return err
	}
	added := view.Added{Refund: d.refund, Next: e.app.next("plan")}
	if asJSON {
		return view.AddedJSON(e.app.Out, added)
	}
	return view.AddedText(e.app.Out, added, e.app.outStyle())
}

// next is what to run then, for the same project.
func (a *app) next(command string) string {
	line := "refundctl"
	for _, f := range [][2]string{{"chdir", a.chdir}, {"config", a.config}} {
		value := f[1]
		if value == "" || value == a.Env(variable(f[0])) {
			continue
		}
		if strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || strings.ContainsRune("\"'`$&|;<>()*?[]#~!\\", r) }) {
			value = strconv.Quote(value)
		}
		line += " --" + f[0] + " " + value
	}
	return line + " " + command
}
