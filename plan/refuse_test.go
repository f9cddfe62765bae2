package plan_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
	"refundctl/state/statetest"
)

// ledger is a ledger on a disk; its runs happen at a time that a test sets.
type ledger struct {
	t    *testing.T
	disk statetest.Disk
	now  time.Time
}

func (l *ledger) state() *state.State {
	l.t.Helper()
	st, _, err := state.Load(context.Background(), l.disk.Backend())
	if err != nil {
		l.t.Fatal(err)
	}
	return st
}

// run is one run, of the plan with this digest, of which each step must succeed.
func (l *ledger) run(digest string, steps ...func(*state.Session) error) {
	l.t.Helper()
	s, err := state.Open(context.Background(), l.disk.Backend(), state.Options{Clock: func() time.Time { return l.now },
		Header: state.Header{PlanDigest: digest}})
	if err != nil {
		l.t.Fatal(err)
	}
	for _, step := range steps {
		if err := step(s); err != nil {
			l.t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		l.t.Fatal(err)
	}
}

func intends(order, id string) func(*state.Session) error {
	return func(s *state.Session) error {
		in := statetest.Intent(order, id)
		in.ID.Account, in.Key = merchant, refund.Key(identity(order, id), 1)
		return s.Begin(context.Background(), in)
	}
}

func hears(order, id, how string) func(*state.Session) error {
	return func(s *state.Session) error {
		o := statetest.Accepted(statetest.Intent(order, id))
		o.ID.Account, o.How = merchant, how
		return s.Finish(context.Background(), o)
	}
}

func ends(s *state.Session) error { return s.End(context.Background(), state.End{Sent: 1}) }

// application is one attempt to apply a plan that creates r1 on o1 and finds r2 of o2 in sync.
type application struct {
	ledger
	saved    plan.Saved
	accounts []plan.Account
	at       time.Time
}

// apply makes the plan with what before leaves in the ledger, lets after happen, and asks.
func apply(t *testing.T, before, after func(*application)) error {
	a := &application{ledger: ledger{t: t, now: noon.Add(-time.Hour)}, at: noon.Add(2 * time.Hour)}
	before(a)
	b := newBench(t)
	b.paid("o2", "1000.00", noon.AddDate(0, 0, -10))
	b.want("o1", "r1", "100")
	b.want("o2", "r2", "20")
	b.live("o2", "r2", "20", refund.Success)
	b.in.State = a.state()
	b.in.Accounts[0].BaseURL = "https://sandbox.example/pg"
	a.saved = decoded(t, encoded(t, b.plan()))
	if len(a.saved.Rows(plan.Create)) != 1 {
		t.Fatalf("the plan is\n%s", rows(a.saved.Plan))
	}
	a.accounts, a.now = append(b.in.Accounts, plan.Account{Name: "shop", Fingerprint: "other"}), noon.Add(time.Hour)
	after(a)
	return a.saved.Refuse(a.state(), a.accounts, a.at)
}

func TestAPlanFileIsRefusedOnlyForItsReasons(t *testing.T) {
	empty := func(*application) {}
	known := func(a *application) { a.run("", intends("o1", "old1"), hears("o1", "old1", "answered"), ends) }
	foreign := func(change func(*plan.Account)) func(*application) {
		return func(a *application) { change(&a.accounts[0]) }
	}
	by := func(steps ...func(*state.Session) error) func(*application) {
		return func(a *application) { a.run("", steps...) }
	}
	mine := func(steps ...func(*state.Session) error) func(*application) {
		return func(a *application) { a.run(a.saved.Digest, steps...) }
	}
	both := func(first, second func(*application)) func(*application) {
		return func(a *application) { first(a); a.now = a.now.Add(time.Minute); second(a) }
	}
	for name, c := range map[string]struct {
		before, after func(*application)
		want          plan.Why
	}{
		"nothing happened":                    {known, empty, ""},
		"nothing happened, no ledger":         {empty, empty, ""},
		"the last moment":                     {known, func(a *application) { a.at = a.saved.ExpiresAt.Add(-1) }, ""},
		"expired":                             {known, func(a *application) { a.at = a.saved.ExpiresAt }, plan.Expired},
		"another merchant":                    {known, foreign(func(a *plan.Account) { a.Fingerprint = "else" }), plan.Foreign},
		"another environment":                 {known, foreign(func(a *plan.Account) { a.Environment = "production" }), plan.Foreign},
		"another address":                     {known, foreign(func(a *plan.Account) { a.BaseURL = "https://else.example/pg" }), plan.Foreign},
		"another API":                         {known, foreign(func(a *plan.Account) { a.API = "flowwise" }), plan.Foreign},
		"another name":                        {known, foreign(func(a *plan.Account) { a.Name = "else" }), plan.Foreign},
		"the ledger is missing":               {known, func(a *application) { a.disk.Set(nil) }, plan.Foreign},
		"another ledger":                      {known, func(a *application) { a.disk.Set(nil); a.run("", intends("o3", "r3"), ends) }, plan.Foreign},
		"the ledger lost its last event":      {known, func(a *application) { a.cut() }, plan.Foreign},
		"used":                                {known, mine(intends("o1", "r1"), hears("o1", "r1", "answered"), ends), plan.Used},
		"used, no ledger before":              {empty, mine(intends("o1", "r1"), hears("o1", "r1", "answered"), ends), plan.Used},
		"interrupted":                         {known, mine(intends("o1", "r1")), ""},
		"interrupted, no ledger before":       {empty, mine(intends("o1", "r1")), ""},
		"interrupted and resumed":             {known, both(mine(intends("o1", "r1")), mine(hears("o1", "r1", "read_back"), ends)), plan.Used},
		"another plan was used":               {known, func(a *application) { a.run(strings.Repeat("0", 64), intends("o2", "r9"), ends) }, ""},
		"overtaken by an intent":              {known, by(intends("o1", "r9")), plan.Overtaken},
		"overtaken by an outcome":             {known, by(hears("o1", "r9", "adopted")), plan.Overtaken},
		"overtaken by another plan":           {known, func(a *application) { a.run(strings.Repeat("0", 64), intends("o1", "r9"), ends) }, plan.Overtaken},
		"overtaken after an interrupted run":  {known, both(mine(intends("o1", "r1")), by(intends("o1", "r9"))), plan.Overtaken},
		"overtaken before an interrupted run": {known, both(by(intends("o1", "r9")), mine(intends("o1", "r1"))), plan.Overtaken},
		"overtaken by a clock that is behind": {known, func(a *application) { a.now = noon.Add(-time.Hour); a.run("", intends("o1", "r9")) }, plan.Overtaken},
		"a refund of the parent was settled":  {known, by(hears("o1", "old1", "status")), ""},
		"another parent changed":              {known, by(intends("o3", "r3"), hears("o3", "r3", "answered"), ends), ""},
		"a parent without creates changed":    {known, by(intends("o2", "r9")), ""},
		"a ledger that knows no parent of it": {empty, by(intends("o3", "r3"), ends), ""},
		"a ledger that knows a parent of it":  {empty, func(a *application) { a.now = noon.Add(-time.Hour); a.run("", intends("o1", "r9"), ends) }, plan.Overtaken},
	} {
		t.Run(name, func(t *testing.T) {
			err := apply(t, c.before, c.after)
			var file *plan.FileError
			if errors.As(err, &file) != (c.want != "") || file != nil && file.Why != c.want {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if words := map[plan.Why]string{plan.Overtaken: "order o1", plan.Expired: "2026-06-16 17:30:00 +05:30"}; err != nil && !strings.Contains(err.Error(), words[c.want]) {
				t.Errorf("%v does not say %q", err, words[c.want])
			}
		})
	}
}

// cut takes the last line off the ledger.
func (l *ledger) cut() {
	lines := strings.SplitAfter(string(l.disk.Bytes()), "\n")
	l.disk.Set([]byte(strings.Join(lines[:len(lines)-2], "")))
}

// A ledger that was merged with an older one goes by that one's name, and still holds all that the
// plan saw.
func TestAMergedLedgerIsNotForeign(t *testing.T) {
	older := &ledger{t: t, now: noon.Add(-48 * time.Hour)}
	older.run("", intends("o3", "r3"), ends)
	err := apply(t, func(a *application) { a.run("", intends("o4", "r4"), ends) }, func(a *application) {
		a.disk.Set(append(older.disk.Bytes(), a.disk.Bytes()...))
		if a.state().Lineage() == a.saved.Lineage {
			t.Fatal("the merged ledger has the plan's lineage")
		}
	})
	if err != nil {
		t.Error(err)
	}
}

func TestComparingPlansReportsWhatAReviewerHasNotSeen(t *testing.T) {
	b := everything(t)
	b.in.AcceptOlder = true
	before := b.plan()
	if d := plan.Compare(before, b.plan()); !d.Same() {
		t.Errorf("twins differ: %+v", d)
	}
	b.in.Specs[0].Note = "another" // r_full
	b.in.Specs[1].Amount = inr(t, "6")
	b.in.Specs[3].Hold = false // r_held
	b.in.Specs = append(b.in.Specs[:4:4], b.in.Specs[5:]...)
	b.want("o1", "r_more", "1.25")
	b.world.refunds["o1"] = append([]refund.Live{{CfRefundID: "cf_9", Amount: inr(t, "4"), Status: refund.Success}}, b.world.refunds["o1"]...)
	var got []string
	for _, d := range plan.Compare(before, b.plan()).Rows {
		line := d.Row().ID.RefundID + " " + strings.Join(d.Fields, " ")
		switch {
		case d.Before == nil:
			line += "added"
		case d.After == nil:
			line += "removed"
		}
		got = append(got, line)
	}
	want := []string{" added", "r_full request refund_note", "r_held action reasons", "r_more added", "r_new amount request", "r_sync action reasons"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
