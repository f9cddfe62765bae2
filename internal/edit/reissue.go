package edit

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"refundctl/internal/refund"
	"refundctl/state"
)

// Reissue is what may differ from the refund that failed.
type Reissue struct {
	RefundID string // empty: the old one with _r2, _r3 and so on
	Note     string // empty: the old one
	Hold     bool   // also if the old row was not held
	File     string // the manifest; empty: the old row's, or the only one
}

// Reissue prepares a row that asks again for a refund that is FAILED or CANCELLED in the ledger: same parent, amount,
// note, labels and splits, a new refund_id, and supersedes. It refuses a refund that was paid, may still be paid, or
// was already reissued: both would be paid.
func (e *Editor) Reissue(ctx context.Context, refundID string, how Reissue) (*Addition, error) {
	failed, err := e.failedRefund(refundID)
	if err != nil {
		return nil, err
	}
	row, file, err := e.formerRow(ctx, failed, how.File)
	if err != nil {
		return nil, err
	}
	row.Supersedes, row.Hold, row.Note = refundID, row.Hold || how.Hold, cmp.Or(how.Note, row.Note)
	if row.RefundID = how.RefundID; row.RefundID == "" {
		if row.RefundID, err = e.successor(failed); err != nil {
			return nil, err
		}
	}
	return e.add(ctx, file, row)
}

// failedRefund returns the ledger's entry of a refund that will never be paid and that no row supersedes.
func (e *Editor) failedRefund(id string) (state.Entry, error) {
	found := e.remembered(id)
	switch {
	case len(found) == 0:
		return state.Entry{}, refuse(UnknownRefund, id, "refund %q is not in the ledger", id)
	case len(found) > 1 && found[0].AccountName != found[1].AccountName:
		return state.Entry{}, refuse(AccountAmbiguous, "", "accounts %s and %s both know a refund %s", found[0].AccountName, found[1].AccountName, id)
	case len(found) > 1 || found[0].Conflict != "":
		return state.Entry{}, refuse(RefundAmbiguous, id, "the ledger knows two refunds %s: a person must find out which one is meant", id)
	}
	one := found[0]
	if err := notFailed(one); err != nil {
		return one, err
	}
	for _, s := range e.Loaded.Specs {
		if s.Supersedes == id && s.Account == one.AccountName {
			return one, refuse(AlreadyReissued, s.RefundID, "refund %s was already reissued, as %s at %s", id, s.RefundID, s.Source)
		}
	}
	return one, nil
}

// notFailed refuses a refund that was paid or may still be: a second one would be paid as well. It returns nil for one
// that is FAILED or CANCELLED.
func notFailed(e state.Entry) error {
	id := e.ID.RefundID
	switch e.Phase {
	case state.Failed:
		return nil
	case state.Settled:
		return refuse(Paid, id, "refund %s was paid: it is %s", id, cmp.Or(e.Status, refund.Success))
	case state.Intended:
		return refuse(InDoubt, id, "refund %s is in doubt: it may have been paid", id)
	case state.Accepted:
		if e.ByPerson {
			return refuse(FoundSent, id, "refund %s may still be paid: a person recorded it as sent", id)
		}
		return refuse(MayBePaid, id, "refund %s may still be paid: the ledger knows it as %s", id, cmp.Or(e.Status, refund.Pending))
	}
	return refuse(NeverAccepted, id, "refund %s was never accepted: it was %s", id, e.Phase)
}

// formerRow returns the row of the failed refund, and the manifest for its reissue. If no manifest has the row any
// more, it is taken from the ledger.
func (e *Editor) formerRow(ctx context.Context, failed state.Entry, named string) (refund.Spec, string, error) {
	i := slices.IndexFunc(e.Loaded.Specs, func(s refund.Spec) bool { return s.RefundID == failed.ID.RefundID && s.Account == failed.AccountName })
	if i < 0 {
		file, err := e.ManifestFor(named, failed.AccountName)
		if err != nil {
			return refund.Spec{}, "", err
		}
		row, err := e.fromLedger(ctx, failed)
		return row, file, err
	}
	row := e.Loaded.Specs[i]
	asked := failed.Terms()
	asked.KnowsSplits = false // a replacement may have other splits
	if len(refund.Differences(row.Terms(), asked)) > 0 {
		return row, "", refuse(RowChanged, row.RefundID, "%s asks for %s for %s under refund_id %s, but what failed was %s for %s",
			row.Source, row.Amount.Human(), parent(row.Kind, row.ParentID, row.PaymentID), row.RefundID, failed.Amount.Human(), parent(failed.ID.Kind, failed.ID.ID, failed.PaymentID))
	}
	if named == "" {
		return row, e.path(row.Source.File), nil
	}
	file, err := e.ManifestFor(named, failed.AccountName)
	return row, file, err
}

// parent names the order, payment or subscription; a subscription with its payment.
func parent(kind refund.Kind, id, payment string) string {
	text := string(kind) + " " + id
	if kind == refund.Subscription && payment != "" {
		text += " " + payment
	}
	return text
}

// fromLedger returns the row according to the latest intent. An adopted refund has no intent, so only the entry's
// fields are known.
func (e *Editor) fromLedger(ctx context.Context, failed state.Entry) (refund.Spec, error) {
	row := refund.Spec{Account: failed.AccountName, Kind: failed.ID.Kind, ParentID: failed.ID.ID, PaymentID: failed.PaymentID, Amount: failed.Amount, Splits: failed.Splits}
	records, err := e.Events(ctx, failed.ID.RefundID)
	if err != nil {
		return row, err
	}
	for _, r := range slices.Backward(records) {
		if r.Intent == nil || r.Intent.ID != failed.ID {
			continue
		}
		var body struct {
			Note  string `json:"refund_note"`
			Speed string `json:"refund_speed"`
			Type  string `json:"refund_type"`
		}
		if err := json.Unmarshal(r.Intent.Request.Body, &body); err != nil {
			return row, fmt.Errorf("reading what was sent for refund %s: %w", failed.ID.RefundID, err)
		}
		row.Note, row.Speed, row.Type, row.Labels = body.Note, body.Speed, body.Type, r.Intent.Labels
		row.PaymentID, row.Splits = r.Intent.PaymentID, r.Intent.Splits
		break
	}
	if row.Kind != refund.Subscription {
		row.PaymentID = ""
	}
	return row, nil
}

var reissueID = regexp.MustCompile(`^(.+)_r([1-9][0-9]{0,3})$`)

// successor returns the next free refund_id: refund_1 is followed by refund_1_r2. If only the ledger knows such an id
// and it may be paid, it is an earlier reissue whose row is gone, and successor refuses.
func (e *Editor) successor(failed state.Entry) (string, error) {
	base, n, used := failed.ID.RefundID, 2, e.usedIDs()
	if m := reissueID.FindStringSubmatch(base); m != nil {
		last, err := strconv.Atoi(m[2])
		if err != nil {
			return "", err
		}
		base, n = m[1], last+1
	}
	for ; ; n++ {
		id := withSuffix(base, "_r"+strconv.Itoa(n))
		next, known := e.State.Entry(refund.Identity{Parent: failed.ID.Parent, RefundID: id})
		if known && notFailed(next) != nil && next.Phase != state.Refused && next.Phase != state.NotSent {
			return "", refuse(AlreadyReissuedLost, id, "refund %s was already reissued, as %s: its row is no longer in a manifest, and in the ledger it is %s", failed.ID.RefundID, id, next.Phase)
		}
		if !used[id] {
			return id, nil
		}
	}
}
