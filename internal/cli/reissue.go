package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"refundctl/internal/refund"
	"refundctl/state"
)

// reissueFlags are the flags of reissue.
type reissueFlags struct {
	id, note, file string
	hold, asJSON   bool
}

func (a *app) reissueCommand() *cobra.Command {
	var f reissueFlags
	c := &cobra.Command{
		Use:   "reissue REFUND_ID",
		Short: "Ask again for a refund that was CANCELLED or FAILED",
		Long: `Adds a row that asks again for a refund that the ledger knows as CANCELLED or
FAILED: same parent, amount, note, labels and splits, a fresh refund_id, and
supersedes. It stands below the old row, which stays. What may still be paid,
was paid, or was reissued already is refused (exit 4). Nothing is sent, and
nothing is read but files.`,
		Example: `  refundctl reissue refund_17
  refundctl reissue refund_17 --file refunds/again.refunds.yaml`,
		Args:              argsBetween(1, 1),
		ValidArgsFunction: first(a.completePhases(state.Failed)),
		RunE:              func(c *cobra.Command, args []string) error { return a.reissue(c.Context(), f, args[0]) },
	}
	c.Flags().StringVar(&f.id, "refund-id", "", "your own `refund_id` for it (otherwise the old one with _r2, _r3 and so on)")
	c.Flags().StringVar(&f.note, "note", "", "another refund_note than the old one")
	c.Flags().BoolVar(&f.hold, "hold", false, "plan it and do not send it yet")
	c.Flags().StringVar(&f.file, "file", "", "the manifest `file`; a new one is made in a folder of manifests (otherwise the old row's, or the only one)")
	jsonFlag(c, &f.asJSON)
	return c
}

func (a *app) reissue(ctx context.Context, f reissueFlags, id string) (err error) {
	p, err := a.glimpse(settings{})
	if err == nil {
		err = p.lost() // the ledger says whether the refund is dead
	}
	if err != nil {
		return err
	}
	e, err := a.edit(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.release()) }()
	dead, err := e.dead(id)
	if err != nil {
		return err
	}
	old, file, err := e.old(ctx, dead, f.file)
	if err != nil {
		return err
	}
	want := old
	want.Supersedes, want.Hold = id, old.Hold || f.hold
	want.Note = firstOf(f.note, old.Note)
	if want.RefundID = f.id; f.id == "" {
		if want.RefundID, err = e.successor(dead); err != nil {
			return err
		}
	}
	d, err := e.add(ctx, file, want)
	if err != nil {
		return err
	}
	if err := e.unused(d.refund); err != nil {
		return err
	}
	return e.finish(d, f.asJSON)
}

// dead is the ledger's entry of a refund that will not be paid any more, and that nothing replaces.
func (e *editing) dead(id string) (state.Entry, error) {
	found := e.remembered(id)
	switch {
	case len(found) == 0:
		return state.Entry{}, e.unheardOf(id)
	case len(found) > 1 && found[0].AccountName != found[1].AccountName:
		return state.Entry{}, fail(ExitInvalid, "say which with --account", "accounts %s and %s both know a refund %s", found[0].AccountName, found[1].AccountName, id)
	case len(found) > 1 || found[0].Conflict != "":
		return state.Entry{}, fail(ExitPerson, "see refundctl explain "+id, "the ledger knows two refunds %s: which one is meant is for a person to find out", id)
	}
	one := found[0]
	if err := alive(one); err != nil {
		return one, err
	}
	for _, s := range e.loaded.Specs {
		if s.Supersedes == id && s.Account == one.AccountName {
			return one, fail(ExitPerson, "if that one was CANCELLED or FAILED too, reissue it: refundctl reissue "+s.RefundID, "refund %s was reissued already, as %s at %s", id, s.RefundID, s.Source)
		}
	}
	return one, nil
}

func (e *editing) unheardOf(id string) error {
	i := slices.IndexFunc(e.loaded.Specs, func(s refund.Spec) bool { return s.RefundID == id })
	if i < 0 {
		return unknownRefund(e.state, id)
	}
	return fail(ExitPerson, "refundctl apply sends it, or records what the API says of it", "the ledger knows nothing of refund %s, which stands at %s", id, e.loaded.Specs[i].Source)
}

// alive refuses what is not known to be dead: a second refund beside it would be paid as well.
func alive(e state.Entry) error {
	id := e.ID.RefundID
	switch e.Phase {
	case state.Failed:
		return nil
	case state.Settled:
		return fail(ExitPerson, "it is not paid again; see refundctl explain "+id, "refund %s was paid: it is %s", id, cmp.Or(e.Status, refund.Success))
	case state.Intended:
		return fail(ExitInDoubt, "refundctl recover settles that by reading", "refund %s is in doubt: it may have been paid", id)
	case state.Accepted:
		if e.ByPerson {
			return fail(ExitPerson, "if that was wrong, take it back: refundctl recover --resolve "+id+"=not-sent --reason TEXT", "refund %s may still be paid: a person found it sent", id)
		}
		return fail(ExitPerson, "refundctl follow records what becomes of it; what is CANCELLED or FAILED then can be reissued", "refund %s may still be paid: the ledger knows it as %s", id, cmp.Or(e.Status, refund.Pending))
	}
	return fail(ExitPerson, "mend its row: apply tries it again under its own refund_id", "refund %s never came to be: it was %s", id, e.Phase)
}

// old is the row that asked for the refund, and the manifest for the next one. Where no manifest has it any
// more, the ledger says what was asked for.
func (e *editing) old(ctx context.Context, dead state.Entry, named string) (refund.Spec, string, error) {
	i := slices.IndexFunc(e.loaded.Specs, func(s refund.Spec) bool { return s.RefundID == dead.ID.RefundID && s.Account == dead.AccountName })
	if i < 0 {
		file, err := e.manifestFor(named, dead.AccountName)
		if err != nil {
			return refund.Spec{}, "", err
		}
		s, err := e.fromLedger(ctx, dead)
		return s, file, err
	}
	s := e.loaded.Specs[i]
	moved := s.PaymentID != "" && dead.PaymentID != "" && s.PaymentID != dead.PaymentID // neither need be known
	if moved || s.Amount != dead.Amount || s.Kind != dead.ID.Kind || s.ParentID != dead.ID.ID {
		return s, "", fail(ExitPerson, "make the row what it was, or remove it and name a manifest with --file", "%s asks for %s for %s under refund_id %s, but what failed was %s for %s",
			s.Source, s.Amount.Human(), whole(s.Kind, s.ParentID, s.PaymentID), s.RefundID, dead.Amount.Human(), whole(dead.ID.Kind, dead.ID.ID, dead.PaymentID))
	}
	if named == "" {
		return s, e.path(s.Source.File), nil
	}
	file, err := e.manifestFor(named, dead.AccountName)
	return s, file, err
}

// whole names what is refunded, with the payment where the parent has several.
func whole(kind refund.Kind, parent, payment string) string {
	text := string(kind) + " " + parent
	if kind == refund.Subscription && payment != "" {
		text += " " + payment
	}
	return text
}

// fromLedger is what was asked for, as the latest intent holds it. A refund that was adopted has none.
func (e *editing) fromLedger(ctx context.Context, dead state.Entry) (refund.Spec, error) {
	s := refund.Spec{Account: dead.AccountName, Kind: dead.ID.Kind, ParentID: dead.ID.ID, PaymentID: dead.PaymentID, Amount: dead.Amount, Splits: dead.Splits}
	records, err := e.app.history(ctx, e.ledger, dead.ID.RefundID)
	if err != nil {
		return s, err
	}
	for _, r := range slices.Backward(records) {
		if r.Intent == nil || r.Intent.ID != dead.ID {
			continue
		}
		var body struct {
			Note  string `json:"refund_note"`
			Speed string `json:"refund_speed"`
			Type  string `json:"refund_type"`
		}
		if err := json.Unmarshal(r.Intent.Request.Body, &body); err != nil {
			return s, fmt.Errorf("reading what was sent for refund %s: %w", dead.ID.RefundID, err)
		}
		s.Note, s.Speed, s.Type, s.Labels = body.Note, body.Speed, body.Type, r.Intent.Labels
		s.PaymentID, s.Splits = r.Intent.PaymentID, r.Intent.Splits
		break
	}
	if s.Kind != refund.Subscription {
		s.PaymentID = ""
	}
	return s, nil
}

var reissued = regexp.MustCompile(`^(.+)_r([1-9][0-9]{0,3})$`)

// successor is the next free refund_id of the row. One that the ledger knows and that may be
// paid is a reissue whose row is gone.
func (e *editing) successor(dead state.Entry) (string, error) {
	base, n, taken := dead.ID.RefundID, 2, e.taken()
	if m := reissued.FindStringSubmatch(base); m != nil {
		last, err := strconv.Atoi(m[2])
		if err != nil {
			return "", err
		}
		base, n = m[1], last+1
	}
	for ; ; n++ {
		id := suffixed(base, "_r"+strconv.Itoa(n))
		next, known := e.state.Entry(refund.Identity{Parent: dead.ID.Parent, RefundID: id})
		if known && alive(next) != nil && next.Phase != state.Refused && next.Phase != state.NotSent {
			return "", fail(ExitPerson, "see refundctl explain "+id+"; if both are meant, give --refund-id", "refund %s was reissued already, as %s: no manifest has that any more, the ledger knows it as %s", dead.ID.RefundID, id, next.Phase)
		}
		if !taken[id] {
			return id, nil
		}
	}
}
