package edit

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"refundctl/internal/durable"
	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/internal/sheet"
)

// opened is an import into a file of the project, or into one of this stem.
func opened(t *testing.T, p Project, out, stem string) *Import {
	t.Helper()
	if out != "" {
		out = filepath.Join(p.Root, filepath.FromSlash(out))
	}
	i, problems, err := OpenImport(context.Background(), p, account, out, stem)
	must(t, err)
	if i == nil {
		t.Fatalf("%v", problems)
	}
	return i
}

// same is how a test compares; plan has the messages for people.
func same(desired, live refund.Terms) (code, message string) {
	if all := refund.Differences(desired, live); len(all) > 0 {
		return string(all[0]), "they differ"
	}
	return "", ""
}

func TestEveryLiveRefundIsAddedOrFoundOrLeftOut(t *testing.T) {
	p := project(t, map[string]string{"refunds/june.yaml": june})
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	live := func(id string, rupees int64, change func(*refund.Live)) refund.Live {
		l := refund.Live{RefundID: id, Amount: inr(rupees), Status: refund.Success, CreatedAt: at}
		if change != nil {
			change(&l)
		}
		return l
	}
	got := opened(t, p, "", LiveStem).Live([]OrderRefunds{
		{OrderID: "order_1", Refunds: []refund.Live{live("refund_1", 10, nil), live("by_desk", 3, nil)}},
		{OrderID: "order_2", Refunds: []refund.Live{
			live("refund_1", 10, nil), // another order's
			live("cancelled", 1, func(l *refund.Live) { l.Status = "CANCELLED" }),
			live("automatic", 1, func(l *refund.Live) { l.Type = "PAYMENT_AUTO_REFUND" }),
			live("phone", 2, func(l *refund.Live) { l.Note = "call 98765 43210" }),
			live("", 2, nil),
		}},
		{OrderID: "order_3", Refunds: []refund.Live{live("by_desk", 3, nil)}}, // an id that was just added
		{OrderID: "order_4", Err: &refund.ReadError{Class: refund.NotFound}},
	}, same)
	if got.Result.Added.Count != 2 || got.Result.InManifests.Count != 1 || got.Result.Orders != 4 {
		t.Errorf("%+v", got.Result)
	}
	var left []string
	for _, l := range got.Result.LeftOut {
		id := "-"
		if l.Refund != nil {
			id = l.Refund.RefundID
		}
		left = append(left, l.OrderID+" "+id+" "+l.Code)
	}
	want := []string{"order_2  no_manifest", "order_2 automatic automatic", "order_2 cancelled dead", "order_2 phone note", "order_2 refund_1 parent_differs",
		"order_3 by_desk parent_differs", "order_4 - unread"}
	if strings.Join(left, "\n") != strings.Join(want, "\n") {
		t.Errorf("left out\n%s\nwant\n%s", strings.Join(left, "\n"), strings.Join(want, "\n"))
	}
	m, err := got.Imported()
	must(t, err)
	must(t, m.Write())
	text := read(t, p, "refunds/live.refunds.yaml")
	if strings.Contains(text, "98765") || strings.Count(text, "imported: live") != 2 {
		t.Errorf("%s", text)
	}
}

func TestALiveRefundOfAnotherAmountIsLeftOut(t *testing.T) {
	p := project(t, map[string]string{"refunds/june.yaml": june})
	got := opened(t, p, "", LiveStem).Live([]OrderRefunds{{OrderID: "order_1", Refunds: []refund.Live{{RefundID: "refund_1", Amount: inr(11), Status: refund.Success}}}}, same)
	if len(got.Result.LeftOut) != 1 || got.Result.LeftOut[0].Code != "amount_differs" || got.Result.InManifests.Count != 0 {
		t.Errorf("%+v", got.Result)
	}
}

const csv = "order_id,refund_amount\norder_1,100\norder_2,50.25\n"

// imports a sheet of a batch into out.
func imports(t *testing.T, p Project, out, batch, text string) (*SheetImport, *Imported, error) {
	t.Helper()
	s, err := opened(t, p, out, batch).Sheet(context.Background(), strings.NewReader(text), sheet.Options{Batch: batch})
	must(t, err)
	m, err := s.Imported()
	return s, m, err
}

// A sheet grows over a month; what was imported must not be asked for twice, nor change.
func TestASheetThatIsImportedAgainGainsItsNewRows(t *testing.T) {
	p := project(t, nil)
	s, m, err := imports(t, p, "", "june", csv)
	must(t, err)
	must(t, m.Write())
	first := read(t, p, "refunds/june.refunds.yaml")
	if s.Result.Added.Count != 2 || s.Result.Added.Amounts[0] != (money.Amount{Minor: 15025, Currency: money.INR}) || s.Bad() {
		t.Errorf("%+v", s.Result)
	}
	s, m, err = imports(t, p, "", "june", csv+"order_3,7\n")
	must(t, err)
	must(t, m.Write())
	if s.Result.Added.Count != 1 || s.Result.Unchanged.Count != 2 {
		t.Errorf("%+v", s.Result)
	}
	if second := read(t, p, "refunds/june.refunds.yaml"); second != first+string(m.Added) {
		t.Errorf("%s\nis not\n%s\nand\n%s", second, first, m.Added)
	}
	s, _, err = imports(t, p, "", "june", strings.Replace(csv, "50.25", "50.52", 1))
	must(t, err)
	if !s.Fatal() {
		t.Errorf("a changed amount was accepted: %+v", s.Result)
	}
}

func TestRowsAreAddedOnlyWhereTheyBelong(t *testing.T) {
	foreign := "version: 1\nrefunds:\n  - {order_id: order_7, refund_id: r_7, refund_amount: 1}\n"
	p := project(t, map[string]string{"refunds/foreign.yaml": foreign, "refunds/folder.yaml/x": ""})
	must(t, os.Symlink("foreign.yaml", filepath.Join(p.Root, "refunds", "link.yaml")))
	_, _, err := imports(t, p, "refunds/foreign.yaml", "june", csv)
	refusedFor(t, err, TargetOfOtherSheet)
	_, err = opened(t, p, "refunds/foreign.yaml", LiveStem).Live(nil, same).Imported()
	refusedFor(t, err, TargetNotLive)
	for out, want := range map[string]Why{"refunds/link.yaml": TargetLink, "refunds/folder.yaml": UnusableTarget, "refunds/june.csv": TargetNotYAML} {
		_, _, err := OpenImport(context.Background(), p, account, filepath.Join(p.Root, out), "")
		refusedFor(t, err, want)
	}
	if got := read(t, p, "refunds/foreign.yaml"); got != foreign {
		t.Errorf("%s", got)
	}
}

// Rows must not end up in another mapping, or under the head of another document.
func TestRowsAreAddedOnlyToAListOfRefunds(t *testing.T) {
	for _, end := range map[string]string{
		"defaults below":  "defaults: {refund_speed: STANDARD}\n",
		"second document": "---\nversion: 1\nrefunds: []\n",
	} {
		p := project(t, nil)
		_, m, err := imports(t, p, "", "june", csv)
		must(t, err)
		must(t, m.Write())
		path := filepath.Join(p.Root, "refunds", "june.refunds.yaml")
		must(t, os.WriteFile(path, []byte(read(t, p, "refunds/june.refunds.yaml")+end), 0o644))
		_, _, err = imports(t, p, "", "june", csv+"order_3,7\n")
		refusedFor(t, err, NoRoomInTarget)
	}
}

func TestATargetThatChangedMeanwhileIsNotWritten(t *testing.T) {
	p := project(t, nil)
	_, m, err := imports(t, p, "", "june", csv)
	must(t, err)
	must(t, m.Write())
	_, again, err := imports(t, p, "", "june", csv+"order_3,7\n")
	must(t, err)
	edited := read(t, p, "refunds/june.refunds.yaml") + "# an edit\n"
	must(t, os.WriteFile(filepath.Join(p.Root, "refunds", "june.refunds.yaml"), []byte(edited), 0o644))
	if err := again.Write(); !errors.Is(err, durable.ErrChanged) {
		t.Errorf("%v", err)
	}
	if got := read(t, p, "refunds/june.refunds.yaml"); got != edited {
		t.Errorf("%s", got)
	}
}

func TestAnImportReportsWhetherPlanSeesItsTarget(t *testing.T) {
	p := project(t, map[string]string{"away/.keep": ""})
	p.Manifests = []string{"refunds/", "one.yaml"}
	for out, want := range map[string]bool{"refunds/june.yaml": true, "one.yaml": true, "away/june.yaml": false, "refunds2.yaml": false} {
		if got := opened(t, p, out, "").SeenByPlan(); got != want {
			t.Errorf("%s: %t", out, got)
		}
	}
}

func TestTheFieldOfAColumnIsFound(t *testing.T) {
	line := "      labels: {by: desk, ticket: CS-1}"
	for _, c := range []struct {
		line   string
		column int
		want   string
	}{
		{"  - order_id: order 1", 15, "order_id"}, {"    refund_amount: 1", 20, "refund_amount"},
		{line, strings.Index(line, "desk") + 1, "labels.by"}, {line, strings.Index(line, "CS-1") + 1, "labels.ticket"},
	} {
		if got := fieldAt(c.line, c.column); got != c.want {
			t.Errorf("%q, column %d: %s, want %s", c.line, c.column, got, c.want)
		}
	}
}
