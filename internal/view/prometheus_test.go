package view_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/internal/view"
	"refundctl/plan"
	"refundctl/state"
)

func TestPrometheusParsesTheMetricsOfStatus(t *testing.T) {
	now := time.Date(2026, 6, 9, 14, 0, 0, 0, time.UTC)
	odd := "shop \"a\\b\"\nc"
	entry := func(id string, p state.Phase, s refund.Status, minor int64, age time.Duration) state.Entry {
		return state.Entry{AccountName: odd, Environment: "production", ID: refund.Identity{RefundID: id}, Phase: p, Status: s,
			Amount: money.Amount{Minor: minor, Currency: money.INR}, AcceptedAt: now.Add(-age), TriedAt: now.Add(-age)}
	}
	failed := entry("r3", state.Failed, refund.Failed, 1, time.Hour)
	st := view.LedgerStatus{Now: now, Alarms: []plan.Alarm{{Kind: plan.NeverPaid, Entry: failed}}, Entries: []state.Entry{
		entry("r1", state.Accepted, refund.Pending, 12045000, 30*time.Hour), entry("r2", state.Accepted, refund.Pending, 5, time.Minute), failed,
		entry("r4", state.Intended, "", 700, 90*time.Second), entry("r5", state.Settled, refund.Success, 100, time.Hour)}}
	text := printed(t, func(w io.Writer) error {
		return view.StatusPrometheus(w, st, []plan.Unsent{{Account: "shop", Environment: "sandbox", Reason: "held", Amount: money.Amount{Minor: 250, Currency: money.INR}}},
			[]view.LastRun{{Command: "refundctl apply", At: now, Code: 4, Known: true}, {Command: "refundctl status", At: now}})
	})
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	value := func(name string, labels ...string) (sum float64) {
		family := families[name]
		if family == nil || family.GetHelp() == "" || family.GetType().String() != "GAUGE" {
			t.Errorf("%s is missing, or has no help or type", name)
		}
		for _, m := range family.GetMetric() {
			has := map[string]bool{}
			for _, l := range m.GetLabel() {
				has[l.GetName()+"="+l.GetValue()] = true
			}
			fits := true
			for _, l := range labels {
				fits = fits && has[l]
			}
			if fits {
				sum += m.GetGauge().GetValue()
			}
		}
		return sum
	}
	for _, c := range []struct {
		want float64
		got  float64
	}{
		{1, value("refundctl_refunds", "account="+odd, "environment=production", "currency=INR", "status=paid")},
		{5, value("refundctl_refunds")},
		{120450.05, value("refundctl_refunds_amount", "status=pending")},
		{1, value("refundctl_pending_refunds", "age=1 to 3 days")},
		{120450, value("refundctl_pending_refunds_amount", "age=1 to 3 days")},
		{108000, value("refundctl_oldest_pending_age_seconds")},
		{7, value("refundctl_in_doubt_refunds_amount")},
		{90, value("refundctl_oldest_doubt_age_seconds")},
		{1, value("refundctl_alarm_refunds", "alarm=failed")},
		{0.01, value("refundctl_alarm_refunds_amount", "alarm=failed")},
		{2.5, value("refundctl_unsent_refunds_amount", "reason=held")},
		{4, value("refundctl_last_run_exit_code", "command=refundctl apply")},
		{0, value("refundctl_last_run_exit_code", "command=refundctl status")},
		{float64(now.Unix()), value("refundctl_last_run_timestamp_seconds", "command=refundctl status")},
		{0, value("refundctl_unread_parents")},
	} {
		if c.got != c.want {
			t.Errorf("%v, want %v", c.got, c.want)
		}
	}
	if strings.Contains(string(text), "refundctl_last_run_exit_code{command=\"refundctl status\"}") {
		t.Error("an exit code that is not known is printed")
	}
}
