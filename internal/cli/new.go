package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/internal/view"
	"refundctl/state"
)

// newFlags are the flags of new.
type newFlags struct {
	order, subscription, payment    string
	amount, currency                string
	id, note, speed, kindType, file string
	labels                          list
	clears                          words
	hold, asJSON                    bool
}

func (a *app) newCommand() *cobra.Command {
	var f newFlags
	c := &cobra.Command{
		Use:   "new",
		Short: "Add a refund to a manifest",
		Long: `Adds a row with a fresh refund_id to a manifest. What stands there, comments and
layout too, stays as it is. The project with the row in it is validated first:
what would be invalid is not written. Nothing is sent, and nothing is read but
files: plan shows what apply would do.`,
		Example: `  refundctl new --order order_17 --amount 1149.75 --note "Size exchange"
  refundctl new --subscription sub_77 --payment pay_77_03 --amount 299
  refundctl new --payment pay_5 --amount 50 --file refunds/flowwise.yaml`,
		Args: argsBetween(0, 0),
		RunE: func(c *cobra.Command, _ []string) error { return a.newRefund(c.Context(), f) },
	}
	flags := c.Flags()
	flags.StringVar(&f.order, "order", "", "the `order_id` of what is refunded")
	flags.StringVar(&f.subscription, "subscription", "", "the `subscription_id` of what is refunded")
	flags.StringVar(&f.payment, "payment", "", "the `payment_id`: with --subscription one of its payments, alone one of Flowwise")
	flags.StringVar(&f.amount, "amount", "", "how much, as in a manifest: 1149.75")
	flags.StringVar(&f.currency, "currency", string(money.INR), "the order's currency")
	flags.StringVar(&f.note, "note", "", "the refund_note")
	flags.StringVar(&f.speed, "speed", "", "the refund_speed: STANDARD or INSTANT")
	flags.StringVar(&f.kindType, "type", "", "the refund_type of a payment of Flowwise")
	flags.Var(&f.labels, "label", "a label as `name=value`"+asList)
	flags.Var(&f.clears, "not-duplicate-of", "the `refund_id` of a refund that this one neither repeats nor replaces"+asWords)
	flags.BoolVar(&f.hold, "hold", false, "plan it and do not send it yet")
	flags.StringVar(&f.id, "refund-id", "", "your own `refund_id` instead of a fresh one")
	manifestFlag(c, &f.file)
	jsonFlag(c, &f.asJSON)
	return c
}

func manifestFlag(c *cobra.Command, file *string) {
	c.Flags().StringVar(file, "file", "", "the manifest `file`; a new one is made in a folder of manifests (otherwise the only one)")
}

func (a *app) newRefund(ctx context.Context, f newFlags) (err error) {
	want, err := f.spec()
	if err != nil {
		return err
	}
	e, err := a.edit(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.release()) }()
	if want.Account = a.account; want.Account == "" && len(e.project.Accounts) == 1 {
		want.Account = e.project.Accounts[0].Name
	}
	file, err := e.manifestFor(f.file, a.account)
	if err != nil {
		return err
	}
	if want.RefundID == "" {
		want.RefundID = freshID(want.ParentID, e.taken())
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

// spec is the refund that the flags ask for. What they are worth is for the manifests' rules to say.
func (f newFlags) spec() (refund.Spec, error) {
	s := refund.Spec{RefundID: f.id, Note: f.note, Speed: f.speed, Type: f.kindType, Hold: f.hold, NotDuplicateOf: f.clears}
	switch {
	case f.order != "" && (f.subscription != "" || f.payment != ""):
		return s, fail(ExitInvalid, "an order is named by --order alone", "--order and another parent do not go together")
	case f.order != "":
		s.Kind, s.ParentID = refund.Order, f.order
	case f.subscription != "":
		s.Kind, s.ParentID, s.PaymentID = refund.Subscription, f.subscription, f.payment
	case f.payment != "":
		s.Kind, s.ParentID = refund.Payment, f.payment
	default:
		return s, fail(ExitInvalid, "add --order, --subscription or --payment", "nothing says what is refunded")
	}
	var err error
	if s.Labels, err = labels(f.labels); err != nil {
		return s, err
	}
	s.Amount, err = f.money()
	return s, err
}

func (f newFlags) money() (money.Amount, error) {
	c, err := money.ParseCurrency(f.currency)
	if err != nil {
		return money.Amount{}, fail(ExitInvalid, "write three capital letters such as INR", "--currency %q is not a currency of ISO 4217", f.currency)
	}
	if f.amount == "" {
		return money.Amount{}, fail(ExitInvalid, "add --amount 1149.75", "nothing says how much is refunded")
	}
	amount, err := money.Parse(f.amount, c)
	var bad *money.ParseError
	switch {
	case errors.As(err, &bad) && bad.Instead != "":
		return amount, fail(ExitInvalid, "write --amount "+bad.Instead, "--%v", bad)
	case errors.As(err, &bad):
		return amount, fail(ExitInvalid, "write an amount such as 1149.75", "--%v", bad)
	}
	return amount, err
}

func labels(written []string) (map[string]string, error) {
	all := make(map[string]string, len(written))
	for _, text := range written {
		name, value, ok := strings.Cut(text, "=")
		if _, twice := all[name]; twice || !ok || name == "" || value == "" {
			return nil, fail(ExitInvalid, "write --label name=value, each name once", "--label %q cannot be read", text)
		}
		all[name] = value
	}
	return all, nil
}

var outsideIDs = regexp.MustCompile(`[^A-Za-z0-9_-]`)

// freshID is a refund_id that names its parent and that nobody has had: the API takes each one once,
// also where two people who know nothing of each other add refunds of one order.
func freshID(parent string, taken map[string]bool) string {
	const letters = "bcdfghjkmnpqrstv"               // no digits: an id must not look like a card or phone number; no vowels: no words
	parent = outsideIDs.ReplaceAllString(parent, "") // what is wrong with the parent is told of the parent
	for {
		suffix := make([]byte, 7)
		_, _ = rand.Read(suffix) // it never fails
		for i, b := range suffix {
			suffix[i] = letters[int(b)%len(letters)]
		}
		if id := suffixed(parent, "_"+string(suffix)); !taken[id] {
			return id
		}
	}
}

// suffixed is an id of at most 40 characters. Of one that is too long the end tells more than the beginning.
func suffixed(id, suffix string) string {
	const longest = 40
	over := max(0, len(id)+len(suffix)-longest)
	return strings.TrimLeft(id[over:], "_-") + suffix
}

// unused refuses a refund_id that the ledger knows: under it, another refund would be taken for this
// one.
func (e *editing) unused(s refund.Spec) error {
	for _, known := range e.remembered(s.RefundID) {
		if known.AccountName == s.Account {
			return fail(ExitInvalid, "choose another, or leave --refund-id away for a fresh one", "the ledger knows a refund %s of %s %s already; nothing was written", s.RefundID, known.ID.Kind, known.ID.ID)
		}
	}
	return nil
}

// warnOfTwins tells of what plan will ask about.
func (e *editing) warnOfTwins(s refund.Spec) error {
	for _, other := range e.loaded.Specs {
		same := other.Account == s.Account && other.Kind == s.Kind && other.ParentID == s.ParentID && other.Amount == s.Amount
		cleared := slices.Contains(s.NotDuplicateOf, other.RefundID) || slices.Contains(other.NotDuplicateOf, s.RefundID)
		dead := func(known state.Entry) bool { return known.AccountName == s.Account && known.Phase == state.Failed }
		if !same || cleared || slices.ContainsFunc(e.remembered(other.RefundID), dead) {
			continue
		}
		return view.WarningText(e.app.Err, fmt.Sprintf("%s asks for %s of %s %s already, at %s: plan blocks what looks like a refund twice", other.RefundID, s.Amount.Human(), s.Kind, s.ParentID, other.Source),
			fmt.Sprintf("if both are meant, write not_duplicate_of: [%s] into the new row; else take it away again", other.RefundID), e.app.errStyle())
	}
	return nil
}
