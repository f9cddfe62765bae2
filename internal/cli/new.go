package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"refundctl/internal/edit"
	"refundctl/internal/money"
	"refundctl/internal/refund"
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
		Long: `Adds a row with a fresh refund_id to a manifest. Everything else in the file,
comments and layout included, stays as it is. The project is validated with the
new row first, and an invalid row is not written. Only files are read, and
nothing is sent: plan shows what apply would do.`,
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
	flags.BoolVar(&f.hold, "hold", false, "plan it, but do not send it yet")
	flags.StringVar(&f.id, "refund-id", "", "your own `refund_id` instead of a fresh one")
	manifestFlag(c, &f.file)
	jsonFlag(c, &f.asJSON)
	return c
}

func (a *app) newRefund(ctx context.Context, f newFlags) error {
	row, err := f.spec()
	if err != nil {
		return err
	}
	return a.addRow(ctx, f.asJSON, func(e *edit.Editor) (*edit.Addition, error) { return e.New(ctx, row, f.file) })
}

// spec is the refund that the flags ask for. The rules of manifests judge it, not this function.
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
