package edit

import (
	"context"
	"crypto/rand"
	"regexp"
	"slices"
	"strings"

	"refundctl/internal/refund"
	"refundctl/state"
)

// New prepares a row for a refund. An empty RefundID means a fresh one. The file is the manifest; empty means the
// only one.
func (e *Editor) New(ctx context.Context, row refund.Spec, file string) (*Addition, error) {
	if row.Account = e.Account; row.Account == "" && len(e.Accounts) == 1 {
		row.Account = e.Accounts[0].Name
	}
	path, err := e.ManifestFor(file, e.Account)
	if err != nil {
		return nil, err
	}
	if row.RefundID == "" {
		row.RefundID = freshID(row.ParentID, e.usedIDs())
	}
	return e.add(ctx, path, row)
}

var outsideIDs = regexp.MustCompile(`[^A-Za-z0-9_-]`)

// freshID returns an unused refund_id that names its parent. Its suffix is random because the API accepts a refund_id
// once, and two people may add refunds of one order independently.
func freshID(parent string, used map[string]bool) string {
	const letters = "bcdfghjkmnpqrstv"               // no digits: an id must not look like a card or phone number; no vowels: no words
	parent = outsideIDs.ReplaceAllString(parent, "") // an invalid parent is reported as such
	for {
		suffix := make([]byte, 7)
		_, _ = rand.Read(suffix) // it never fails
		for i, b := range suffix {
			suffix[i] = letters[int(b)%len(letters)]
		}
		if id := withSuffix(parent, "_"+string(suffix)); !used[id] {
			return id
		}
	}
}

// withSuffix returns id and suffix, at most 40 characters long. It drops the beginning of a longer id: the end is
// more specific.
func withSuffix(id, suffix string) string {
	const longest = 40
	over := max(0, len(id)+len(suffix)-longest)
	return strings.TrimLeft(id[over:], "_-") + suffix
}

// duplicateOf returns a row with another refund_id that plan will consider the same refund: same parent and amount,
// and neither has the other in not_duplicate_of. A row whose refund failed does not count.
func (e *Editor) duplicateOf(row refund.Spec) *refund.Spec {
	for i, other := range e.Loaded.Specs {
		same := other.Account == row.Account && other.Kind == row.Kind && other.ParentID == row.ParentID && other.Amount == row.Amount
		cleared := slices.Contains(row.NotDuplicateOf, other.RefundID) || slices.Contains(other.NotDuplicateOf, row.RefundID)
		failed := func(known state.Entry) bool { return known.AccountName == row.Account && known.Phase == state.Failed }
		if same && !cleared && !slices.ContainsFunc(e.remembered(other.RefundID), failed) {
			return &e.Loaded.Specs[i]
		}
	}
	return nil
}
