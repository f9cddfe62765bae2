package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"refundctl/internal/durable"
	"refundctl/internal/edit"
	"refundctl/internal/refund"
	"refundctl/internal/view"
	"refundctl/state"
	"refundctl/state/local"
)

func manifestFlag(c *cobra.Command, file *string) {
	c.Flags().StringVar(file, "file", "", "the manifest `file`; a new one is created in a folder of manifests (default: the only manifest)")
}

// editable returns the project for editing its manifests.
func (p *project) editable() edit.Project {
	return edit.Project{Config: p.Config, Root: p.root, File: p.file}
}

// addRow takes the lock of manifests, so that commands that run in parallel all keep their rows, loads the project,
// and writes the row that prepare returns. An invalid project is an error.
func (a *app) addRow(ctx context.Context, at settings, asJSON bool, prepare func(*edit.Editor) (*edit.Addition, error)) (err error) {
	p, err := a.project(at)
	if err != nil {
		return err
	}
	release, err := lockManifests(ctx, p.root)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	e, err := a.editor(ctx, p)
	if err != nil {
		return err
	}
	row, err := prepare(e)
	var refused *edit.Refusal
	if errors.As(err, &refused) && refused.Why == edit.UnknownRefund {
		return a.unknownID(ctx, p, refused.Subject, known{e.Loaded.Specs, e.State})
	}
	if err != nil {
		return err
	}
	if err := writeFailure(row.Write()); err != nil {
		return err
	}
	return a.showAdded(row, asJSON)
}

// editor loads the project's manifests and its ledger. The caller holds the lock of manifests.
func (a *app) editor(ctx context.Context, p *project) (*edit.Editor, error) {
	e := &edit.Editor{Project: p.editable(), Account: a.account}
	var err error
	if e.Loaded, err = a.manifests(ctx, p, nil); err != nil {
		return nil, err
	}
	ledger, err := p.openLedger()
	if err != nil {
		return nil, err
	}
	e.Events = func(ctx context.Context, id string) ([]state.HistoryEvent, error) { return a.history(ctx, ledger, id) }
	e.State, err = a.load(ctx, projectLedger{ledger, p})
	return e, err
}

// showAdded prints where the new row is, and warns if plan will block it as a duplicate.
func (a *app) showAdded(row *edit.Addition, asJSON bool) error {
	if err := a.diagnostics(row.Warnings); err != nil {
		return err
	}
	if other := row.Duplicate; other != nil {
		if err := a.warnOfDuplicate(row.Refund, *other); err != nil {
			return err
		}
	}
	added := view.NewRow{Refund: row.Refund, Next: a.commandFor("plan")}
	if asJSON {
		return view.NewRowJSON(a.Out, added)
	}
	return view.NewRowText(a.Out, added, a.outStyle())
}

func (a *app) warnOfDuplicate(row, other refund.Spec) error {
	return a.warn(fmt.Sprintf("%s already asks for %s of %s %s, at %s: plan blocks both as possible duplicates", other.RefundID, row.Amount.Human(), row.Kind, row.ParentID, other.Source),
		fmt.Sprintf("if both are intended, write not_duplicate_of: [%s] in the new row; otherwise remove it", other.RefundID))
}

// lockManifests waits for the lock that every command takes before it writes manifests.
func lockManifests(ctx context.Context, root string) (release func() error, err error) {
	const patience = time.Minute // other commands hold it only to read and write files, possibly large ones
	dir, err := localFolder(root)
	if err != nil {
		return nil, err
	}
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	release, err = local.Exclusive(waiting, filepath.Join(dir, "manifests.lock"))
	switch {
	case err == nil || ctx.Err() != nil:
		return release, err
	case errors.Is(err, context.DeadlineExceeded):
		return nil, fail(ExitLocked, "wait for it to finish; the lock ends with its process", "another command has been writing manifests for %s", patience)
	}
	return nil, fail(ExitError, "check its owner and mode: you need permission to write in its folder", "%v", err)
}

// writeFailure is the failure of a write to a manifest. The file is unchanged.
func writeFailure(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, durable.ErrChanged):
		return fail(ExitError, "run the command again; the other program's version was kept", "nothing was written: %v", err)
	case errors.Is(err, fs.ErrNotExist):
		return fail(ExitError, "nothing was written; create the folder first", "%v", err)
	}
	return fail(ExitError, "the file is unchanged; check its folder's owner, mode and free space", "%v", err)
}

// refusalRow is the exit code and the hint of a refused edit. In the hint, %s is the refusal's subject.
type refusalRow struct {
	code Exit
	hint string
}

// refusalTable has a row for each rule that refuses an edit.
var refusalTable = map[edit.Why]refusalRow{
	edit.NoManifest:          {ExitInvalid, "name a new one: --file refunds/%s.refunds.yaml"},
	edit.SeveralManifests:    {ExitInvalid, "add --file with one of: %s"},
	edit.NotInManifests:      {ExitInvalid, "name a .yaml file in a folder of manifests; see manifests in %s"},
	edit.NotAManifest:        {ExitInvalid, "see manifests in %s"},
	edit.UnreadableManifest:  {ExitInvalid, "name a manifest that you can read; check its owner and mode"},
	edit.NoRoomForRow:        {ExitInvalid, "add the row by hand, or name another manifest with --file, which may be new"},
	edit.IDInManifest:        {ExitInvalid, "if this is the same refund, its row is there already; for another refund, omit --refund-id"},
	edit.IDInLedger:          {ExitInvalid, "if this is the same refund, see refundctl explain %s; for another refund, omit --refund-id"},
	edit.InvalidRow:          {ExitInvalid, "%s"},
	edit.OtherAccount:        {ExitInvalid, "name a manifest of account %s with --file, which may be new"},
	edit.OtherMeaning:        {ExitInvalid, "name another manifest with --file, or write the row by hand"},
	edit.NotReadBack:         {ExitError, "add the row by hand, and please report this"},
	edit.AccountAmbiguous:    {ExitInvalid, "choose one with --account"},
	edit.RefundAmbiguous:     {ExitPerson, "see refundctl explain %s"},
	edit.AlreadyReissued:     {ExitPerson, "if that one also failed or was cancelled, reissue it: refundctl reissue %s"},
	edit.AlreadyReissuedLost: {ExitPerson, "put its row back; see refundctl explain %s"},
	edit.Paid:                {ExitPerson, "it is not paid again; see refundctl explain %s"},
	edit.InDoubt:             {ExitInDoubt, "run refundctl recover to resolve the doubt by reading"},
	edit.FoundSent:           {ExitPerson, "if that was wrong, correct it: refundctl recover --resolve %s=not-sent --reason TEXT"},
	edit.MayBePaid:           {ExitPerson, "run refundctl follow to record its outcome; if it fails or is cancelled, you can reissue it"},
	edit.NeverAccepted:       {ExitPerson, "correct its row: apply sends it again under the same refund_id"},
	edit.RowChanged:          {ExitPerson, "restore the row, or remove it and name a manifest with --file"},
	edit.UnknownRefund:       {ExitInvalid, "see refundctl state list"},
	edit.TargetNotYAML:       {ExitInvalid, "name a file such as june.refunds.yaml"},
	edit.TargetLink:          {ExitInvalid, "name the file that the link leads to"},
	edit.UnusableTarget:      {ExitInvalid, "name another file with --out, or make this one readable"},
	edit.TargetTooLarge:      {ExitInvalid, "import it in parts, each with its own --batch"},
	edit.NoRoomInTarget:      {ExitInvalid, "name another file with --out"},
	edit.TargetOfOtherSheet:  {ExitInvalid, "name another file with --out, or use the --batch that it was imported with"},
	edit.TargetNotLive:       {ExitInvalid, "name another file with --out"},
	edit.SheetNotReadBack:    {ExitError, "nothing was written; please report this"},
}

// refusalFailure is the failure for a refused edit.
func refusalFailure(r *edit.Refusal) *failure {
	out, known := refusalTable[r.Why]
	if !known {
		return fail(ExitError, "please report this", "%v", r)
	}
	return fail(out.code, strings.ReplaceAll(out.hint, "%s", r.Subject), "%v", r)
}
