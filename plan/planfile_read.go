package plan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/state"
)

// maxFile bounds a plan file, which is read as a whole: a refund takes one or two KiB.
const maxFile = 1 << 27

// Decode reads a plan file. It rebuilds the plan from the fields, renders keys and requests from the
// desired refunds, and encodes the plan again: if the bytes differ from the file, the error is a
// *FileError. Other errors are those of r.
func Decode(r io.Reader) (Saved, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return Saved{}, fmt.Errorf("reading the plan file: %w", err)
	}
	if len(data) > maxFile {
		return Saved{}, notSaved("it is too large")
	}
	if line, found := bytes.CutSuffix(data, []byte("\r\n")); found { // a checkout with core.autocrlf
		data = append(line, '\n')
	}
	var doc fileJSON
	if err := json.Unmarshal(data, &doc); err != nil || doc.FormatVersion != FormatVersion {
		return Saved{}, unreadable(data, err)
	}
	if doc.Digest == "" || doc.ExpiresAt == nil {
		return Saved{}, notSaved("it is a printed plan")
	}
	if digestOf(withDigest(data, doc.Digest, "")) != doc.Digest {
		return Saved{}, altered("its digest does not match its content")
	}
	p, err := planOf(doc)
	if err != nil {
		return Saved{}, err
	}
	if again, err := Encode(p, *doc.ExpiresAt); err != nil || !bytes.Equal(again, data) {
		return Saved{}, altered("its fields do not agree with each other")
	}
	return Saved{p, doc.Digest, *doc.ExpiresAt}, nil
}

func altered(problem string) *FileError { return &FileError{Why: Altered, Problem: problem} }

// notSaved refuses a file that plan --out did not write.
func notSaved(problem string) *FileError {
	return &FileError{Why: Altered, Problem: problem, notSaved: true}
}

// unreadable says why a document cannot be read: it has another format, or it is not a plan file.
func unreadable(data []byte, cause error) *FileError {
	var head struct {
		FormatVersion string `json:"format_version"`
	}
	_ = json.Unmarshal(data, &head) // a missing version is reported below
	switch {
	case head.FormatVersion != "" && head.FormatVersion != FormatVersion:
		return &FileError{Why: UnknownFormat, Format: head.FormatVersion}
	case cause == nil || !bytes.HasPrefix(data, []byte(`{"format_version":`)):
		return notSaved("it is another document")
	}
	return altered(cause.Error())
}

// builder rebuilds a plan from a document. It keeps the first problem.
type builder struct {
	accounts map[string]Account // by name
	seen     map[refund.Identity]bool
	err      *FileError
}

func (b *builder) refuse(format string, args ...any) {
	if b.err == nil {
		b.err = altered(fmt.Sprintf(format, args...))
	}
}

func planOf(doc fileJSON) (*Plan, error) {
	b := &builder{accounts: map[string]Account{}, seen: map[refund.Identity]bool{}}
	p := &Plan{
		CreatedAt: doc.CreatedAt, Lineage: doc.State.Lineage, Heads: doc.State.Heads, LedgerAt: timeOf(doc.State.LastAt),
		Manifests: doc.ManifestsDigest, Refresh: doc.Refresh, Reads: doc.Reads, Estimate: time.Duration(doc.EstimateSeconds) * time.Second, Unknown: doc.Unknown, Lack: doc.Lack,
		Parents: make(map[refund.Parent]ParentRead, len(doc.Parents)), Changes: make([]Change, 0, len(doc.Changes)),
		NotSelected: map[string]Tally{},
	}
	if doc.Hidden != nil {
		p.Hidden = b.tally(*doc.Hidden)
	}
	for _, a := range doc.Accounts {
		p.Accounts = append(p.Accounts, b.account(a))
		if a.NotSelected != nil {
			p.NotSelected[a.Fingerprint] = b.tally(*a.NotSelected)
		}
	}
	for _, r := range doc.Parents {
		read := b.parent(r)
		p.Parents[read.Parent] = read
	}
	for _, r := range doc.Changes {
		p.Changes = append(p.Changes, b.change(r))
	}
	if b.err != nil {
		return nil, b.err
	}
	return p, nil
}

func (b *builder) account(a accountJSON) Account {
	out := Account{Name: a.Name, API: a.API, Environment: a.Environment, BaseURL: a.BaseURL, Fingerprint: a.Fingerprint}
	for _, other := range b.accounts {
		if other.Name == a.Name || other.Fingerprint == a.Fingerprint {
			b.refuse("it contains account %q twice", a.Name)
		}
	}
	b.accounts[a.Name] = out
	return out
}

// parentID returns a parent of the account with this name.
func (b *builder) parentID(account string, kind refund.Kind, id string) refund.Parent {
	a, known := b.accounts[account]
	if !known {
		b.refuse("it has no account %q", account)
	}
	return refund.Parent{Account: a.Fingerprint, Kind: kind, ID: id}
}

func (b *builder) parent(r parentJSON) ParentRead {
	read := ParentRead{Parent: b.parentID(r.Account, r.Kind, r.ParentID), ListedAt: r.ListedAt, Partial: r.Partial, Err: r.Error.err()}
	if r.Facts != nil {
		read.Facts = refund.Facts{Known: true, Captured: b.amount(r.Facts.Captured, r.Facts.Currency), CompletedAt: timeOf(r.Facts.CompletedAt), Mode: r.Facts.Mode}
	}
	for _, l := range r.Refunds {
		read.Live = append(read.Live, refund.Live{RefundID: l.RefundID, Amount: b.amount(l.Amount, l.Currency), Status: l.Status})
	}
	return read
}

func (e *errorJSON) err() error {
	switch {
	case e == nil:
		return nil
	case e.Class == "":
		return errors.New(e.Message)
	}
	return &refund.ReadError{Class: e.Class, HTTP: e.HTTP, Code: e.Code, Message: e.Message, RequestID: e.RequestID}
}

// amount also reads amounts that no manifest may contain, such as zero: the API may report them.
func (b *builder) amount(text string, c money.Currency) money.Amount {
	a, err := money.ParseNumber(text, c)
	if err != nil {
		b.refuse("%v", err)
	}
	return a
}

func (b *builder) change(r RowJSON) Change {
	c := Change{
		AccountName: r.Account, ID: refund.Identity{Parent: b.parentID(r.Account, r.Kind, r.ParentID), RefundID: r.RefundID}, PaymentID: r.PaymentID,
		Amount: b.amount(r.Amount, r.Currency), Live: b.live(r), Entry: r.entry(), Reasons: reasons(r.Reasons), Attention: reasons(r.Attention),
		Attempt: r.Attempt, Superseded: r.Superseded, WithoutHold: b.released(r),
	}
	if c.Entry != nil {
		c.Entry.AccountName, c.Entry.ID, c.Entry.PaymentID, c.Entry.Amount = c.AccountName, c.ID, c.PaymentID, c.Amount
	}
	c.Action = actionOf(r.Action)
	b.addSpec(&c, r)
	if c.Attempt > 0 {
		c.Key = refund.Key(c.ID, c.Attempt)
	}
	b.checkAction(c)
	return c
}

// actionOf returns the action with this name; 0 if there is none.
func actionOf(name string) Action {
	for action, is := range actionNames {
		if is == name {
			return action
		}
	}
	return 0
}

// released reads what a held row would be: a create, or blocked with reasons.
func (b *builder) released(r RowJSON) *Released {
	w := r.WithoutHold
	if w == nil {
		return nil
	}
	out := &Released{actionOf(w.Action), reasons(w.Reasons)}
	if r.Action != Held.String() || out.Action != Create && out.Action != Blocked || (out.Action == Create) != (len(out.Reasons) == 0) {
		b.refuse("refund %q cannot be %s without hold", r.RefundID, strconv.Quote(w.Action))
	}
	return out
}

// addSpec builds the desired refund and renders its request.
func (b *builder) addSpec(c *Change, r RowJSON) {
	w := r.Desired
	if w == nil {
		return
	}
	c.Spec = &refund.Spec{
		Account: r.Account, Kind: r.Kind, ParentID: r.ParentID, PaymentID: r.PaymentID, RefundID: r.RefundID, Amount: c.Amount,
		Note: w.Note, Speed: w.Speed, Type: w.Type, Splits: b.splits(w.Splits, r.Currency), Labels: w.Labels, Hold: w.Hold,
		NotDuplicateOf: w.NotDuplicateOf, Supersedes: w.Supersedes,
	}
	if r.Source != nil {
		c.Spec.Source = *r.Source
	}
	if _, err := money.ParseCurrency(string(r.Currency)); err != nil || c.Amount.Minor <= 0 {
		b.refuse("refund %q has no amount", r.RefundID)
	}
	for _, id := range slices.Concat([]string{r.ParentID, r.RefundID}, filled(r.PaymentID, w.Supersedes), w.NotDuplicateOf) {
		if !plainID(id) {
			b.refuse("%q is not an id", id)
		}
	}
	if b.seen[c.ID] {
		b.refuse("it contains refund %q twice", r.RefundID)
	}
	b.seen[c.ID] = true
	if r.Request != nil {
		request, err := c.Spec.Request()
		if err != nil {
			b.refuse("%v", err)
		}
		c.Request = &request
	}
}

// checkAction refuses a row that lacks what its action promises to the readers of a plan.
func (b *builder) checkAction(c Change) {
	ok := false
	switch c.Action {
	case Create:
		ok = c.Request != nil && c.Attempt > 0
	case Held, Blocked:
		ok = c.Spec != nil
	case Conflict:
		ok = c.Spec != nil || c.Entry != nil
	case Failed, InSync, Pending:
		ok = c.Spec != nil && (c.Live != nil || c.Entry != nil)
	case InDoubt, Orphaned:
		ok = c.Entry != nil
	case Unmanaged:
		ok = c.Live != nil
	}
	if !ok {
		b.refuse("refund %q cannot be %s", c.ID.RefundID, strconv.Quote(c.Action.String()))
	}
}

func (b *builder) splits(list []SplitJSON, c money.Currency) []refund.Split {
	var out []refund.Split
	for _, s := range list {
		out = append(out, refund.Split{VendorID: s.VendorID, Amount: b.amount(s.Amount, c)})
	}
	return out
}

func (b *builder) live(r RowJSON) *refund.Live {
	l := r.Live
	if l == nil {
		return nil
	}
	out := &refund.Live{
		RefundID: l.RefundID, ParentID: l.OrderID, PaymentID: l.PaymentID, CfRefundID: l.CfRefundID, CfPaymentID: l.CfPaymentID,
		Amount: b.amount(l.Amount, l.Currency), Status: l.Status, Type: l.Type, Mode: l.Mode, Note: l.Note,
		ARN: l.ARN, Splits: b.splits(l.RefundSplits, l.Currency), CreatedAt: timeOf(l.CreatedAt), ProcessedAt: timeOf(l.ProcessedAt),
		Details: l.DetailsJSON.details(),
	}
	return out
}

func (r RowJSON) entry() *state.Entry {
	l := r.Ledger
	if l == nil {
		return nil
	}
	e := &state.Entry{Phase: l.Phase, Status: l.Status, Attempt: l.Attempt, CfRefundID: l.CfRefundID, ARN: l.ARN,
		TriedAt: timeOf(l.TriedAt), AcceptedAt: timeOf(l.AcceptedAt)}
	if d := l.DetailsJSON; d != nil {
		e.Details = new(d.details())
	}
	return e
}

func reasons(list []reasonJSON) []Reason {
	var out []Reason
	for _, r := range list {
		out = append(out, Reason(r))
	}
	return out
}

func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// filled returns the texts that are not empty.
func filled(texts ...string) []string {
	return slices.DeleteFunc(texts, func(t string) bool { return t == "" })
}

// plainID reports whether an id has only characters that need no escape in a path or in JSON.
func plainID(id string) bool {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
	return id != "" && strings.Trim(id, letters) == ""
}
