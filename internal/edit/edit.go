// Package edit writes manifests for people: it adds a refund to a manifest, reissues one that failed, and imports
// refunds from a spreadsheet or from the API.
//
// It keeps every existing byte, writes only valid rows that read back as they were asked for, and never sends
// anything: it has no gateway, and records nothing in the ledger. The command line calls it while it holds the lock
// of manifests, and has the sentences for what it returns.
package edit

import (
	"context"
	"path/filepath"
	"reflect"

	"refundctl/internal/diag"
	"refundctl/internal/refund"
	"refundctl/schema"
	"refundctl/state"
)

// SchemaName is the name of the manifests' JSON schema in a project's folder. Editors read it.
const SchemaName = "refund-manifest.schema.json"

// Project is the project whose manifests are edited.
type Project struct {
	schema.Config
	Root string // its folder, absolute
	File string // its configuration, for messages
}

// path returns the absolute path of a file that the configuration or a diagnostic names.
func (p Project) path(name string) string {
	if path := filepath.FromSlash(name); filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(p.Root, filepath.FromSlash(name))
}

// name returns the name of a manifest in diagnostics: relative to the project's folder if it is inside, with forward
// slashes.
func (p Project) name(path string) string {
	if rel, err := filepath.Rel(p.Root, path); err == nil && filepath.IsLocal(rel) {
		path = rel
	}
	return filepath.ToSlash(path)
}

// options returns the options for reading the project's manifests.
func (p Project) options() schema.Options {
	return schema.Options{Root: p.Root, Accounts: p.Known()}
}

// Editor adds rows to the manifests of a project. The caller holds the lock of manifests from before it
// loads them until the rows are written.
type Editor struct {
	Project
	Account string        // the account that the caller chose; empty for none
	Loaded  schema.Result // all manifests of the project, without errors
	State   *state.State  // the ledger

	// Events returns the events of a refund_id in the ledger, of the account that the caller chose, oldest
	// first. Reissue reads them.
	Events func(ctx context.Context, refundID string) ([]state.HistoryEvent, error)
}

// remembered returns the ledger's entries for a refund_id in the configured accounts. Entries of an account in
// another environment, or of another merchant, do not count.
func (e *Editor) remembered(refundID string) (found []state.Entry) {
	for _, b := range e.State.Bindings() {
		if _, ours := e.Configured(b.Account, b.API, b.Environment); !ours || e.Account != "" && e.Account != b.Account {
			continue
		}
		for _, entry := range e.State.OfRefundID(b.Fingerprint, refundID) {
			entry.AccountName = b.Account // it may have had another name then
			found = append(found, entry)
		}
	}
	return found
}

// usedIDs returns the refund_ids in the manifests and the ledger.
func (e *Editor) usedIDs() map[string]bool {
	used := map[string]bool{}
	for _, s := range e.Loaded.Specs {
		used[s.RefundID] = true
	}
	for _, entry := range e.State.Entries() {
		used[entry.ID.RefundID] = true
	}
	return used
}

// sameRow reports whether two rows ask for the same, wherever they are.
func sameRow(a, b refund.Spec) bool {
	a.Source, b.Source = diag.Place{}, diag.Place{}
	return reflect.DeepEqual(a, b)
}
