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
	settings
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
		Long: `Adds a row with a fresh refund_id to a manifest. Everything else in the file
stays as it is, including comments and layout. The project is validated with the
new row first, and an invalid row is not written. It reads only files and sends
nothing; plan shows what apply would do.`,
		Example: `  refundctl new --order order_17 --amount 1149.75 --note "Size exchange"
  refundctl new --subscription sub_77 --payment pay_77_03 --amount 299
  refundctl new --payment pay_5 --amount 50 --file refunds/flowwise.yaml`,
		Args: argsBetween(0, 0),
		RunE: func(c *cobra.Command, _ []string) error { return a.newRefund(c.Context(), f) },
	}
	flags := c.Flags()
	flags.StringVar(&f.order, "order", "", "refund the order with this `order_id`")
	flags.StringVar(&f.subscription, "subscription", "", "refund a payment of the subscription with this `subscription_id`")
	flags.StringVar(&f.payment, "payment", "", "the `payment_id` of the subscription's payment or, without --subscription, of a Flowwise payment")
	flags.StringVar(&f.amount, "amount", "", "the `amount` to refund, as in a manifest: 1149.75")
	flags.StringVar(&f.currency, "currency", string(money.INR), "the order's currency")
	flags.StringVar(&f.note, "note", "", "the refund_note")
	flags.StringVar(&f.speed, "speed", "", "the refund_speed: STANDARD or INSTANT")
	flags.StringVar(&f.kindType, "type", "", "the refund_type of a Flowwise payment")
	flags.Var(&f.labels, "label", "a label as `name=value`"+asList)
	flags.Var(&f.clears, "not-duplicate-of", "the `refund_id` of a refund that this one neither repeats nor replaces"+asWords)
	flags.BoolVar(&f.hold, "hold", false, "plan it, but do not send it yet")
	flags.StringVar(&f.id, "refund-id", "", "use this `refund_id` instead of a fresh one")
	manifestFlag(c, &f.file)
	jsonFlag(c, &f.asJSON)
	f.stateFlag(c)
	return c
}

func (a *app) newRefund(ctx context.Context, f newFlags) error {
	row, err := f.spec()
	if err != nil {
		return err
	}
	return a.addRow(ctx, f.settings, f.asJSON, func(e *edit.Editor) (*edit.Addition, error) { return e.New(ctx, row, f.file) })
}

// spec returns the refund that the flags ask for. It is validated later, by the rules of manifests.
func (f newFlags) spec() (refund.Spec, error) {
	s := refund.Spec{RefundID: f.id, Note: f.note, Speed: f.speed, Type: f.kindType, Hold: f.hold, NotDuplicateOf: f.clears}
	switch {
	case f.order != "" && (f.subscription != "" || f.payment != ""):
		return s, fail(ExitInvalid, "for an order, use --order alone", "--order cannot be combined with --subscription or --payment")
	case f.order != "":
		s.Kind, s.ParentID = refund.Order, f.order
	case f.subscription != "":
		s.Kind, s.ParentID, s.PaymentID = refund.Subscription, f.subscription, f.payment
	case f.payment != "":
		s.Kind, s.ParentID = refund.Payment, f.payment
	default:
		return s, fail(ExitInvalid, "add --order, --subscription or --payment", "no order, subscription or payment is named")
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
		return money.Amount{}, fail(ExitInvalid, "use three capital letters such as INR", "--currency %q is not an ISO 4217 currency", f.currency)
	}
	if f.amount == "" {
		return money.Amount{}, fail(ExitInvalid, "add --amount, such as --amount 1149.75", "no amount is given")
	}
	amount, err := money.Parse(f.amount, c)
	var bad *money.ParseError
	switch {
	case errors.As(err, &bad) && bad.Instead != "":
		return amount, fail(ExitInvalid, "use --amount "+bad.Instead, "--%v", bad)
	case errors.As(err, &bad):
		return amount, fail(ExitInvalid, "use an amount such as 1149.75", "--%v", bad)
	}
	return amount, err
}

func labels(written []string) (map[string]string, error) {
	all := make(map[string]string, len(written))
	for _, text := range written {
		name, value, ok := strings.Cut(text, "=")
		if _, twice := all[name]; twice || !ok || name == "" || value == "" {
			return nil, fail(ExitInvalid, "use --label name=value, each name once", "--label %q is not name=value, or repeats a name", text)
		}
		all[name] = value
	}
	return all, nil
}
