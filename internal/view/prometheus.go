package view

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"refundctl/internal/money"
	"refundctl/internal/report"
	"refundctl/plan"
	"refundctl/state"
)

// Prometheus is the text format that a node_exporter's textfile collector reads.
const Prometheus Format = "prometheus"

// LastRun is the latest run of a command: its time, and its exit code if this clone made it.
type LastRun struct {
	Command string
	At      time.Time
	Code    int
	Known   bool // Code is known
}

// StatusPrometheus prints what status shows as metrics: counts, money in major units, ages in seconds. The names
// and labels are a contract.
func StatusPrometheus(w io.Writer, st LedgerStatus, unsent []plan.Unsent, runs []LastRun) error {
	m := metrics{values: map[string]map[string]string{}}
	m.refunds("refundctl_refunds", "Refunds in the ledger, by what became of them.", "status", st.Entries, func(e state.Entry) string {
		return strings.ReplaceAll(string(report.EntryOutcome(&e)), " ", "_")
	})
	var waiting, doubtful []state.Entry
	for _, e := range st.Entries {
		switch {
		case e.Phase == state.Accepted && e.MissingSince.IsZero():
			waiting = append(waiting, e)
		case e.Phase == state.Intended:
			doubtful = append(doubtful, e)
		}
	}
	m.refunds("refundctl_pending_refunds", "Refunds that the API accepted and has not settled, by how long ago it accepted them.", "age", waiting, func(e state.Entry) string {
		return report.AgeName(st.Now.Sub(e.AcceptedAt))
	})
	m.oldest("refundctl_oldest_pending_age_seconds", "How long ago the API accepted the oldest refund that is pending.", waiting, st.Now, func(e state.Entry) time.Time { return e.AcceptedAt })
	m.refunds("refundctl_in_doubt_refunds", "Refunds that may have been sent and whose outcome is unknown.", "", doubtful, nil)
	m.oldest("refundctl_oldest_doubt_age_seconds", "How long ago the oldest refund in doubt was last tried.", doubtful, st.Now, func(e state.Entry) time.Time { return e.TriedAt })
	kinds, alarming := map[string]string{}, []state.Entry{}
	for _, a := range st.Alarms {
		kinds[fmt.Sprint(a.ID)], alarming = string(a.Kind), append(alarming, a.Entry)
	}
	m.refunds("refundctl_alarm_refunds", "Refunds that need a person: failed or reversed and not superseded, or missing at the API.", "alarm", alarming, func(e state.Entry) string { return kinds[fmt.Sprint(e.ID)] })
	m.unsent(unsent)
	m.family("refundctl_unread_parents", "Orders, subscriptions and payments that this status could not read.", strconv.Itoa(len(st.Unread)))
	m.family("refundctl_status_timestamp_seconds", "When this status was made.", seconds(st.Now))
	for _, r := range runs {
		m.set("refundctl_last_run_timestamp_seconds", "When the latest run of a command that wrote to the ledger began.", promLabels("command", r.Command), seconds(r.At))
		if r.Known {
			m.set("refundctl_last_run_exit_code", "The exit code of the latest run of a command, if this clone made it.", promLabels("command", r.Command), strconv.Itoa(r.Code))
		}
	}
	return m.print(w)
}

// metrics are gauges by name and labels.
type metrics struct {
	names  []string
	help   map[string]string
	values map[string]map[string]string
}

func (m *metrics) set(name, help, labels, value string) {
	if m.help == nil {
		m.help = map[string]string{}
	}
	if m.values[name] == nil {
		m.names, m.values[name] = append(m.names, name), map[string]string{}
	}
	m.help[name], m.values[name][labels] = help, value
}

// family sets a gauge without labels.
func (m *metrics) family(name, help, value string) { m.set(name, help, "", value) }

// refunds sets the number and the money of refunds, by account, environment, currency and one more label.
func (m *metrics) refunds(name, help, label string, entries []state.Entry, value func(state.Entry) string) {
	sums := map[string]*money.Tally{}
	for _, e := range entries {
		labels := []string{"account", e.AccountName, "environment", e.Environment, "currency", string(e.Amount.Currency)}
		if label != "" {
			labels = append(labels, label, value(e))
		}
		add(sums, promLabels(labels...), e.Amount)
	}
	m.tallies(name, help, sums)
}

func add(sums map[string]*money.Tally, labels string, a money.Amount) {
	if sums[labels] == nil {
		sums[labels] = &money.Tally{}
	}
	sums[labels].Add(a)
}

// tallies sets the number and the money of sums, each of one currency.
func (m *metrics) tallies(name, help string, sums map[string]*money.Tally) {
	for labels, t := range sums {
		m.set(name, help, labels, strconv.Itoa(t.Count))
	}
	for labels, t := range sums {
		for _, a := range t.Amounts {
			m.set(name+"_amount", help+" Their money, in major units.", labels, a.String())
		}
	}
}

// oldest sets the age of the oldest refund of each account.
func (m *metrics) oldest(name, help string, entries []state.Entry, now time.Time, since func(state.Entry) time.Time) {
	first := map[string]time.Time{}
	for _, e := range entries {
		labels := promLabels("account", e.AccountName, "environment", e.Environment)
		if at, known := first[labels]; !known || since(e).Before(at) {
			first[labels] = since(e)
		}
	}
	for labels, at := range first {
		m.set(name, help, labels, strconv.FormatInt(int64(max(0, now.Sub(at))/time.Second), 10))
	}
}

func (m *metrics) unsent(rows []plan.Unsent) {
	sums := map[string]*money.Tally{}
	for _, r := range rows {
		add(sums, promLabels("account", r.Account, "environment", r.Environment, "currency", string(r.Amount.Currency), "reason", r.Reason), r.Amount)
	}
	m.tallies("refundctl_unsent_refunds", "Refunds that manifests ask for and that were not sent: held, refused, or new. New ones include those that a guard blocks, which only a plan knows.", sums)
}

func (m *metrics) print(w io.Writer) error {
	var b strings.Builder
	for _, name := range m.names {
		fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s gauge\n", name, m.help[name], name)
		for _, labels := range slices.SortedFunc(maps.Keys(m.values[name]), cmp.Compare[string]) {
			fmt.Fprintf(&b, "%s%s %s\n", name, labels, m.values[name][labels])
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func seconds(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

// promLabels renders labels, given as names and values, as the format has them.
func promLabels(pairs ...string) string {
	var texts []string
	escape := strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
	for i := 0; i < len(pairs); i += 2 {
		texts = append(texts, pairs[i]+`="`+escape.Replace(strings.ToValidUTF8(pairs[i+1], "\uFFFD"))+`"`)
	}
	return "{" + strings.Join(texts, ",") + "}"
}
