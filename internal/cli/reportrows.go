package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"refundctl/internal/report"
	"refundctl/plan"
	"refundctl/schema"
	"refundctl/state"
)

// rowFilterFlags select the refunds that finance sees.
type rowFilterFlags struct {
	periodFlags
	state       string
	date        string
	statuses    words
	labels      list
	environment string
}

func (f *rowFilterFlags) flags(c *cobra.Command) {
	c.Flags().StringVar(&f.state, "state", "", "the ledger `file` (overrides the configuration)")
	f.periodFlags.flags(c)
	c.Flags().StringVar(&f.date, "date", "sent", "which `date` counts, in +05:30: sent, created or processed (created and processed if the API reported them)")
	complete(c, "date", "sent\tto the API", "created\tby the API", "processed\tby the API")
	c.Flags().Var(&f.statuses, "status", "only refunds with this `status`: paid, cancelled and so on, or a status of the API"+asWords)
	c.Flags().Var(&f.labels, "label", "only refunds with this label, `NAME=VALUE` or NAME; all must match"+asList)
	c.Flags().StringVar(&f.environment, "environment", "", "only refunds of accounts of this `environment`: embedded, sandbox or production")
	complete(c, "environment", "embedded\tthe built-in emulator", "sandbox\ttest money", "production\treal money")
}

// filter reads the flags.
func (f rowFilterFlags) filter(c *cobra.Command, account string) (report.Filter, error) {
	if err := refuseEmptyFlags(c, "date", "status", "label", "environment", "by", "out", "format"); err != nil {
		return report.Filter{}, err
	}
	filter := report.Filter{Account: account, Environment: f.environment, Words: f.statuses, Date: report.DateBy(f.date)}
	if !slices.Contains([]report.DateBy{report.BySent, report.ByCreated, report.ByProcessed}, filter.Date) {
		return filter, fail(ExitInvalid, "use sent, created or processed", "unknown --date %q", f.date)
	}
	if !slices.Contains([]string{"", embedded, "sandbox", "production"}, f.environment) {
		return filter, fail(ExitInvalid, "use embedded, sandbox or production", "unknown --environment %q", f.environment)
	}
	for _, text := range f.labels {
		name, value, valued := strings.Cut(text, "=")
		if name == "" || valued && value == "" {
			return filter, fail(ExitInvalid, "use --label ticket=CS-4411, or --label ticket", "--label %q is not NAME=VALUE", text)
		}
		filter.Labels = append(filter.Labels, report.Label{Name: name, Value: value, Any: !valued})
	}
	var err error
	filter.Period, err = f.period(c)
	return filter, err
}

// accounting is what finance sees of the ledger.
type accounting struct {
	rows    []*report.Row
	asOf    time.Time // when the ledger last heard of anything
	desired plan.Desired
}

// accounting returns all refunds in the ledger, and with unsent also those that only the manifests ask for.
// Nothing is read but files.
func (a *app) accounting(ctx context.Context, f rowFilterFlags, filter report.Filter, unsent bool) (accounting, error) {
	p, err := a.project(settings{state: f.state})
	if err != nil {
		return accounting{}, err
	}
	loaded, err := a.manifests(ctx, p, nil)
	if err != nil {
		return accounting{}, err
	}
	ledger, err := a.existingLedger(p, p.statePath())
	if err != nil {
		return accounting{}, err
	}
	var book report.Book
	st, err := a.replay(ctx, projectLedger{ledger, p}, book.Begin)
	if err != nil {
		return accounting{}, err
	}
	rows := book.Rows(st, loaded.Specs, environmentsOf(p.Config), unsent)
	return accounting{rows, st.LastAt(), a.desiredBy(p, st, loaded)}, refuseUnknownFilter(rows, filter)
}

// alarms returns the alarms among rows.
func (a accounting) alarms(rows []*report.Row) []plan.Alarm {
	entries := make([]state.Entry, 0, len(rows))
	for _, r := range rows {
		entries = append(entries, r.Entry)
	}
	return a.desired.Alarms(entries)
}

func environmentsOf(c schema.Config) map[string]string {
	of := map[string]string{}
	for _, one := range c.Accounts {
		of[one.Name] = one.Environment
	}
	return of
}

// refuseUnknownFilter refuses a filter that names what no refund has: misspelt, it would leave money out unseen.
func refuseUnknownFilter(rows []*report.Row, filter report.Filter) error {
	words, labels := filter.Unmatched(rows)
	switch {
	case len(rows) == 0: // there is nothing to hold it against
		return nil
	case len(words) > 0:
		return fail(ExitInvalid, "use a status from refundctl state list, such as paid or cancelled, or one of the API such as SUCCESS", "no refund has the status %q", words[0])
	case len(labels) > 0 && labels[0].Any:
		return fail(ExitInvalid, "labels come from the manifests, as they were when the refund was sent", "no refund has the label %q", labels[0].Name)
	case len(labels) > 0:
		return fail(ExitInvalid, "labels come from the manifests, as they were when the refund was sent", "no refund has the label %q", fmt.Sprintf("%s=%s", labels[0].Name, labels[0].Value))
	}
	return nil
}
