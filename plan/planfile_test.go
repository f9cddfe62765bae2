package plan_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"refundctl/internal/diag"
	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// everything is a project with each action, and with all that a row can have.
func everything(t testing.TB) *bench {
	b := newBench(t)
	for _, o := range []string{"o2", "o3", "o4", "o5", "o6"} {
		b.paid(o, "1000.00", noon.AddDate(0, 0, -10))
	}
	b.paid("old", "500.00", noon.AddDate(0, -6, 7)) // its window closes in a week
	b.want("o1", "r_full", "110.50", func(s *refund.Spec) {
		s.Note, s.Speed, s.Labels = "<b>Größe & \u202e\ufffd</b>", "INSTANT", map[string]string{"ticket": "CS-4411", "by": "desk"}
		s.Splits = []refund.Split{{VendorID: "V1", Amount: inr(t, "1.10")}, {VendorID: "V2", Amount: inr(t, "2")}}
		s.NotDuplicateOf = []string{"other_1", "other_2"}
	})
	b.want("o1", "r_new", "5", supersedes("r_dead"))
	b.want("o1", "r_dead", "9")
	b.live("o1", "r_dead", "9", refund.Cancelled)
	b.want("o1", "r_held", "7", hold)
	b.live("o1", "", "3", refund.Success, func(l *refund.Live) { l.Type, l.Note = "PAYMENT_AUTO_REFUND", "automatic" })
	b.want("o2", "r_sync", "10", func(s *refund.Spec) { s.Note = "Asked for" })
	b.live("o2", "r_sync", "10", refund.Success, func(l *refund.Live) {
		l.CfPaymentID, l.Description, l.Mode, l.Note, l.ARN, l.PaymentID = "p1", "done", "REGULAR", "Asked", "205907014017", "pay_1"
		l.Speed = refund.Speed{Requested: "INSTANT", Accepted: "STANDARD", Processed: "STANDARD", Message: "bank cannot"}
		l.Splits, l.CreatedAt, l.ProcessedAt = []refund.Split{{VendorID: "V1", Amount: inr(t, "1")}}, noon.In(refund.IST), noon.Add(time.Nanosecond)
	})
	b.world.refunds["o2"][0].Splits = nil
	b.want("o2", "r_other", "20")
	b.live("o2", "r_other", "21", refund.Pending, func(l *refund.Live) { l.Splits = []refund.Split{{VendorID: "V1", Amount: inr(t, "1")}} })
	b.want("o3", "r_much", "1000.01")
	b.want("o3", "r_held_much", "2000", hold)
	b.want("o4", "r_doubt", "30")
	b.remember("o4", "r_doubt", "30", state.Intended, "")
	b.want("o5", "r_pending", "31")
	b.remember("o5", "r_pending", "31", state.Accepted, refund.OnHold)
	b.live("o5", "r_pending", "31", refund.OnHold)
	b.want("o5", "r_failed", "8")
	b.live("o5", "r_failed", "8", refund.Failed)
	b.remember("o5", "r_gone", "32", state.Settled, refund.Success)
	b.want("o6", "r_unread", "1")
	b.world.fails["o6"] = &refund.ReadError{Class: refund.Throttled, HTTP: 429, Code: "too_many", Message: "later"}
	b.want("old", "r_late", "33")
	b.in.Specs = append(b.in.Specs, refund.Spec{Account: "default", Kind: refund.Subscription, ParentID: "sub_1", PaymentID: "pay_1", RefundID: "r_sub",
		Amount: inr(t, "34"), Source: diag.Place{File: "refunds/b.yaml", Line: 1, Column: 3}})
	b.in.Specs = append(b.in.Specs, refund.Spec{Account: "default", Kind: refund.Payment, ParentID: "pay_2", RefundID: "r_flow", Type: "MERCHANT_INITIATED",
		Amount: inr(t, "35"), Source: diag.Place{File: "refunds/b.yaml", Line: 9, Column: 3}})
	b.want("o7", "r_aside", "2")
	b.in.Selected = func(s refund.Spec) bool { return s.RefundID != "r_aside" }
	b.in.Manifests = strings.Repeat("ab", 32)
	return b
}

func encoded(t testing.TB, p *plan.Plan) []byte {
	t.Helper()
	text, err := plan.Encode(p, p.CreatedAt.Add(24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func decoded(t testing.TB, text []byte) plan.Saved {
	t.Helper()
	s, err := plan.Decode(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestThePlanOfTheFixtureHasEveryAction(t *testing.T) {
	sums := everything(t).plan().Summary()
	for _, a := range plan.Actions {
		if sums[a].Count == 0 {
			t.Errorf("no row is %s", a)
		}
	}
}

// The file omits limits, how reads were made, and facts that come from the ledger.
var leftOut = cmp.Options{
	cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(plan.Change{}),
	cmpopts.IgnoreFields(plan.ParentRead{}, "Live", "DoneAt", "Requests"),
	cmpopts.IgnoreFields(state.Entry{}, "By", "AccountName", "ID", "PaymentID", "Amount", "Splits", "Key", "Try", "LastClass", "Code", "Message", "BodyHash",
		"Request", "CreatedAt", "UpdatedAt", "Source", "Conflict"),
}

func TestASavedPlanReadsBackUnchanged(t *testing.T) {
	b := everything(t)
	p := b.plan()
	s := decoded(t, encoded(t, p))
	if diff := cmp.Diff(p, s.Plan, leftOut); diff != "" {
		t.Errorf("(-made +read)\n%s", diff)
	}
	for id, read := range p.Parents {
		if read.Digest(nil) != s.Parents[id].Digest(nil) || !read.SameFacts(s.Parents[id], nil) {
			t.Errorf("%s: the live facts are not those of the read", id.ID)
		}
	}
	byID := func(a, c refund.Spec) bool { return a.RefundID < c.RefundID }
	if diff := cmp.Diff(slices.DeleteFunc(b.in.Specs, func(s refund.Spec) bool { return !b.in.Selected(s) }), s.Specs(), cmpopts.SortSlices(byID), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("specs (-made +read)\n%s", diff)
	}
	if !s.ExpiresAt.Equal(noon.Add(24 * time.Hour)) {
		t.Errorf("expires at %s", s.ExpiresAt)
	}
}

func TestR5_ASavedPlanContainsTheExactRequestsAndKeys(t *testing.T) {
	p := everything(t).plan()
	s := decoded(t, encoded(t, p))
	sent := 0
	for i, c := range s.Changes {
		if c.Request == nil {
			continue
		}
		sent++
		if want := p.Changes[i]; string(c.Request.Body) != string(want.Request.Body) || c.Request.Path != want.Request.Path || c.Key != refund.Key(want.ID, want.Attempt) {
			t.Errorf("%s: %s %s under %s", c.ID.RefundID, c.Request.Path, c.Request.Body, c.Key)
		}
	}
	if sent < 7 {
		t.Errorf("only %d rows have a request", sent)
	}
}

func TestTheSamePlanIsTheSameBytes(t *testing.T) {
	b := everything(t)
	first := encoded(t, b.plan())
	for range 5 {
		for _, list := range b.world.refunds {
			for i := range len(list) / 2 {
				list[i], list[len(list)-1-i] = list[len(list)-1-i], list[i]
			}
		}
		if again := encoded(t, b.plan()); !bytes.Equal(first, again) {
			t.Fatalf("(-first +again)\n%s", cmp.Diff(string(first), string(again)))
		}
	}
}

var digest = regexp.MustCompile(`"digest":"[0-9a-f]*"`)

// withDigest is the document with the digest that it should have.
func withDigest(text []byte) []byte {
	at := digest.FindIndex(text)
	if at == nil {
		return text
	}
	empty := append(append(bytes.Clone(text[:at[0]]), `"digest":""`...), text[at[1]:]...)
	return bytes.Replace(empty, []byte(`"digest":""`), fmt.Appendf(nil, `"digest":"%x"`, sha256.Sum256(empty)), 1)
}

func TestTheDigestCoversTheFileWithoutTheDigest(t *testing.T) {
	text := encoded(t, everything(t).plan())
	if !bytes.Equal(withDigest(text), text) || !strings.Contains(string(text), decoded(t, text).Digest) {
		t.Errorf("the digest is not that of the bytes:\n%s", text)
	}
}

func TestAPlanThatIsOnlyPrintedHasNoDigestAndCannotBeRead(t *testing.T) {
	text, err := plan.Encode(everything(t).plan(), time.Time{})
	if err != nil || !bytes.Contains(text, []byte(`"expires_at":null,"digest":""`)) {
		t.Errorf("%v\n%s", err, text)
	}
	refused(t, text, plan.Altered)
	refused(t, withDigest(text), plan.Altered)
}

func refused(t *testing.T, text []byte, why plan.Why) {
	t.Helper()
	_, err := plan.Decode(bytes.NewReader(text))
	var file *plan.FileError
	if !errors.As(err, &file) || file.Why != why {
		t.Errorf("error %v, want it %s:\n%.200s", err, why, text)
	}
}

func TestEveryByteOfAPlanFileCounts(t *testing.T) {
	b := newBench(t)
	b.want("o1", "r1", "10")
	text := encoded(t, b.plan())
	for i := range text {
		for _, change := range []byte{1, 0x20} {
			spoiled := bytes.Clone(text)
			spoiled[i] ^= change
			if _, err := plan.Decode(bytes.NewReader(spoiled)); !errors.As(err, new(*plan.FileError)) {
				t.Fatalf("byte %d: error %v in\n%s", i, err, spoiled)
			}
		}
		refused(t, text[:i], plan.Altered)
	}
}

// The digest has no secret key: anybody who edits a file can compute it again. The rest of the file must then
// still be what this program would write.
func TestAForgedFileIsAlteredThoughItsDigestFits(t *testing.T) {
	text := string(encoded(t, everything(t).plan()))
	for name, c := range map[string]struct{ old, new string }{
		"amount of a row":        {`"refund_id":"r_full","amount":"110.50"`, `"refund_id":"r_full","amount":"111.50"`},
		"amount of a body":       {`\"refund_amount\":110.50`, `\"refund_amount\":11050`},
		"spelling of an amount":  {`"amount":"110.50"`, `"amount":"110.5"`},
		"path":                   {`"path":"/orders/o1/refunds"`, `"path":"/orders/o2/refunds"`},
		"method":                 {`"method":"POST"`, `"method":"PUT"`},
		"key":                    {`"idempotency_key":"` + refund.Key(identity("o1", "r_full"), 1), `"idempotency_key":"` + refund.Key(identity("o1", "r_full"), 2)},
		"attempt":                {`"attempt":1`, `"attempt":2`},
		"merchant":               {`"fingerprint":"` + merchant, `"fingerprint":"another` + merchant},
		"parent":                 {`"parent_id":"o1"`, `"parent_id":"o9"`},
		"refund_id":              {`"refund_id":"r_full"`, `"refund_id":"r_fuller"`},
		"note":                   {`"refund_note":"<b>`, `"refund_note":"<i>`},
		"split":                  {`"vendor_id":"V1"`, `"vendor_id":"V9"`},
		"blocked to create":      {`"action":"blocked"`, `"action":"create"`},
		"unknown action":         {`"action":"held"`, `"action":"hold"`},
		"create without request": {`"request":{"method":"POST","path":"/orders/o1/refunds"`, `"request":null,"was":{"method":"POST","path":"/orders/o1/refunds"`},
		"sum":                    {`"create":{"count":`, `"create":{"count":1`},
		"digest of a parent":     {`"parent_id":"o1","facts":{"captured":"1000.00"`, `"parent_id":"o1","facts":{"captured":"1000.0"`},
		"live facts":             {`"refund_id":"r_dead","refund_amount":"9.00","refund_currency":"INR","refund_status":"CANCELLED"}`, `"refund_id":"r_dead","refund_amount":"9.00","refund_currency":"INR","refund_status":"SUCCESS"}`},
		"unknown account":        {`"account":"default","kind":"order","parent_id":"o1"`, `"account":"shop","kind":"order","parent_id":"o1"`},
		"unknown field":          {`"reads":`, `"extra":1,"reads":`},
		"field written twice":    {`"reads":`, `"reads":0,"reads":`},
		"field in other case":    {`"reads":`, `"Reads":`},
		"blank":                  {`"reads":`, `"reads": `},
		"order of fields":        {`"heads":[`, `"lineage":"x","heads":[`},
		"escape":                 {`"reads":`, `"\u0072eads":`},
		"no end of line":         {"]}\n", "]}"},
		"trailing data":          {"]}\n", "]}\n{}"},
		"an invisible character": {`\u202e`, "\u202e"},
	} {
		t.Run(name, func(t *testing.T) {
			forged := strings.Replace(text, c.old, c.new, 1)
			if forged == text {
				t.Fatalf("%s is not in\n%s", c.old, text)
			}
			refused(t, withDigest([]byte(forged)), plan.Altered)
			refused(t, []byte(forged), plan.Altered)
		})
	}
}

// A forger who computes everything again still cannot make a row that no manifest may have.
func TestAPlanThatNoManifestCanAskForIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(*plan.Plan){
		"no amount":   func(p *plan.Plan) { p.Changes[0].Spec.Amount.Minor, p.Changes[0].Amount.Minor = 0, 0 },
		"no currency": func(p *plan.Plan) { p.Changes[0].Spec.Amount.Currency, p.Changes[0].Amount.Currency = "XXX", "XXX" },
		"path in an id": func(p *plan.Plan) {
			p.Changes[0].Spec.ParentID, p.Changes[0].ID.ID = "../settlements", "../settlements"
		},
		"blank in an id":                func(p *plan.Plan) { p.Changes[0].Spec.RefundID, p.Changes[0].ID.RefundID = "r 1", "r 1" },
		"empty id":                      func(p *plan.Plan) { p.Changes[0].Spec.RefundID, p.Changes[0].ID.RefundID = "", "" },
		"newline in not_duplicate_of":   func(p *plan.Plan) { p.Changes[0].Spec.NotDuplicateOf = []string{"r\n2"} },
		"a refund listed twice":         func(p *plan.Plan) { p.Changes = append(p.Changes, p.Changes[0]) },
		"an account listed twice":       func(p *plan.Plan) { p.Accounts = append(p.Accounts, p.Accounts[0]) },
		"unknown kind":                  func(p *plan.Plan) { p.Changes[0].Spec.Kind, p.Changes[0].ID.Kind = "link", "link" },
		"create without a spec":         func(p *plan.Plan) { p.Changes[0].Spec, p.Changes[0].Request = nil, nil },
		"in doubt without an intent":    func(p *plan.Plan) { p.Changes[0].Action = plan.InDoubt },
		"in sync without a live refund": func(p *plan.Plan) { p.Changes[0].Action = plan.InSync },
		"unmanaged, not live":           func(p *plan.Plan) { p.Changes[0].Action = plan.Unmanaged },
		"held without a desiredID":      func(p *plan.Plan) { p.Changes[0].Action, p.Changes[0].Spec = plan.Held, nil },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.want("o1", "r1", "10")
			p := b.plan()
			spoil(p)
			if c := &p.Changes[0]; c.Spec != nil {
				if r, err := c.Spec.Request(); err == nil {
					c.Request, c.Key = &r, refund.Key(c.ID, 1)
				}
			}
			refused(t, encoded(t, p), plan.Altered)
		})
	}
}

// What the API says may be cut in the middle of a character.
func TestAPlanWithInvalidUTF8IsSavedWithReplacementCharacters(t *testing.T) {
	b := newBench(t)
	b.want("o1", "r1", "10")
	b.live("o1", "dash", "1", refund.Success, func(l *refund.Live) { l.Note = "gr\xc3 \ufffd \x7f\u202e" })
	s := decoded(t, encoded(t, b.plan()))
	if note := s.Rows(plan.Unmanaged)[0].Live.Note; note != "gr\ufffd \ufffd \x7f\u202e" {
		t.Errorf("the note is %+q", note)
	}
}

func TestAFileThatIsNotAPlanFileIsAltered(t *testing.T) {
	for _, text := range []string{"", "\n", "{}", "[]", "null", "version: 1\nrefunds: []\n", `{"format_version":"1"}`, `{"format_version":1}`,
		`{"format_version":"1","refund_id":"r1","changes":[]}`, strings.Repeat("[", 1<<20), `{"v":1,"run":"x"}`} {
		refused(t, []byte(text), plan.Altered)
	}
}

func TestAFileOfAnotherFormatIsRefusedByItsName(t *testing.T) {
	text := bytes.Replace(encoded(t, everything(t).plan()), []byte(`"format_version":"1"`), []byte(`"format_version":"2","more":{}`), 1)
	_, err := plan.Decode(bytes.NewReader(withDigest(text)))
	var file *plan.FileError
	if !errors.As(err, &file) || file.Why != plan.UnknownFormat || file.Format != "2" || !strings.Contains(err.Error(), `"2"; a newer refundctl may be able to read it`) {
		t.Errorf("error %v", err)
	}
}

// endless is a file that does not end.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	e.read += len(p)
	return copy(p, bytes.Repeat([]byte{' '}, len(p))), nil
}

func TestAnEndlessPlanFileIsRefused(t *testing.T) {
	var e endless
	_, err := plan.Decode(&e)
	if !errors.As(err, new(*plan.FileError)) || e.read > 1<<30 {
		t.Errorf("error %v after %d bytes", err, e.read)
	}
}

func TestTheDigestOfAParentCoversWhatAPlanReliesOn(t *testing.T) {
	one := refund.Live{RefundID: "r1", Amount: inr(t, "10"), Status: refund.Pending}
	two := refund.Live{RefundID: "r2", Amount: inr(t, "20"), Status: refund.Failed}
	base := plan.ParentRead{Live: []refund.Live{one, two}}
	with := func(change func(l *refund.Live)) plan.ParentRead {
		l := one
		change(&l)
		return plan.ParentRead{Live: []refund.Live{two, l}}
	}
	for name, c := range map[string]struct {
		read plan.ParentRead
		same bool
	}{
		"another order":  {with(func(*refund.Live) {}), true},
		"settled":        {with(func(l *refund.Live) { l.Status, l.ARN = refund.Success, "1" }), true},
		"died":           {with(func(l *refund.Live) { l.Status = refund.Cancelled }), false},
		"another amount": {with(func(l *refund.Live) { l.Amount.Minor++ }), false},
		"other money":    {with(func(l *refund.Live) { l.Amount.Currency = "USD" }), false},
		"another id":     {with(func(l *refund.Live) { l.RefundID = "r3" }), false},
		"one more":       {plan.ParentRead{Live: []refund.Live{one, two, {RefundID: "r3"}}}, false},
		"one twice":      {plan.ParentRead{Live: []refund.Live{one, one, two}}, false},
	} {
		if same := c.read.Digest(nil) == base.Digest(nil); same != c.same {
			t.Errorf("%s: same is %v", name, same)
		}
	}
	if more := (plan.ParentRead{Live: []refund.Live{one, two, {RefundID: "mine"}}}); more.Digest(map[string]bool{"mine": true}) != base.Digest(nil) {
		t.Error("an id that is excepted counts")
	}
}

func FuzzPlanFile(f *testing.F) {
	b := newBench(f)
	for _, p := range []*plan.Plan{b.plan(), everything(f).plan()} {
		f.Add(encoded(f, p))
		text, _ := plan.Encode(p, time.Time{})
		f.Add(text)
	}
	b.want("o1", "r1", "10")
	f.Add(encoded(f, b.plan()))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, file := range [][]byte{text, withDigest(text)} { // as it is, and past its digest
			s, err := plan.Decode(bytes.NewReader(file))
			if err != nil {
				if !errors.As(err, new(*plan.FileError)) {
					t.Fatalf("an error of another kind: %v", err)
				}
				continue
			}
			if again, err := plan.Encode(s.Plan, s.ExpiresAt); err != nil || !bytes.Equal(again, file) {
				t.Fatalf("%v: accepted and written otherwise:\n%s\n%s", err, file, again)
			}
			_ = s.Refuse(&state.State{}, s.Accounts, s.CreatedAt)
			plan.Compare(s.Plan, s.Plan)
			for _, c := range s.Rows(plan.Create) {
				if r, err := c.Spec.Request(); err != nil || c.Amount.Minor <= 0 || string(r.Body) != string(c.Request.Body) || c.Key != refund.Key(c.ID, c.Attempt) {
					t.Fatalf("accepted a create that is not the manifest's: %+v", c)
				}
			}
		}
	})
}
