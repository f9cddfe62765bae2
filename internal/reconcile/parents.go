package reconcile

import (
	"cmp"
	"slices"
	"time"

	"refundctl/internal/refund"
	"refundctl/state"
)

// Parent is a parent to read.
type Parent struct {
	refund.Parent
	AccountName string
	RefundIDs   []string  // those that manifests and the ledger know, sorted
	Since       time.Time // since when the ledger knows it; zero if it does not
}

// Parents returns the parents that manifests and the ledger name in these accounts (fingerprints by name): sorted by
// account name, in each the oldest first, those that only manifests name last. The order of the inputs does not matter.
func Parents(accounts map[string]string, specs []refund.Spec, entries []state.Entry) []Parent {
	names := map[string]string{}
	for name, fingerprint := range accounts {
		names[fingerprint] = name
	}
	found := map[refund.Parent]*Parent{}
	add := func(id refund.Identity, since time.Time) {
		p := found[id.Parent]
		if p == nil {
			p = &Parent{Parent: id.Parent, AccountName: names[id.Account]}
			found[id.Parent] = p
		}
		p.RefundIDs = append(p.RefundIDs, id.RefundID)
		if oldest(since, p.Since) < 0 {
			p.Since = since
		}
	}
	for _, s := range specs {
		if fingerprint, ours := accounts[s.Account]; ours {
			add(s.Identity(fingerprint), time.Time{})
		}
	}
	for _, e := range entries {
		if _, ours := names[e.ID.Account]; ours {
			add(e.ID, e.CreatedAt)
		}
	}
	parents := make([]Parent, 0, len(found))
	for _, p := range found {
		slices.Sort(p.RefundIDs)
		p.RefundIDs = slices.Compact(p.RefundIDs)
		parents = append(parents, *p)
	}
	slices.SortFunc(parents, func(a, b Parent) int {
		return cmp.Or(cmp.Compare(a.AccountName, b.AccountName), oldest(a.Since, b.Since), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
	})
	return parents
}

// oldest orders by time; zero comes last.
func oldest(a, b time.Time) int {
	if a.IsZero() != b.IsZero() {
		if a.IsZero() {
			return 1
		}
		return -1
	}
	return a.Compare(b)
}
