package plan

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/state"
)

// FormatVersion is the version of every JSON document. Within a version, fields are added, never changed.
const FormatVersion = "1"

// Saved is a plan that was read from a plan file.
type Saved struct {
	*Plan
	Digest    string // SHA-256, in hex, of the file with an empty digest
	ExpiresAt time.Time
}

// fileJSON is a plan as a document, printed or saved.
type fileJSON struct {
	FormatVersion   string               `json:"format_version"`
	CreatedAt       time.Time            `json:"created_at"`
	ExpiresAt       *time.Time           `json:"expires_at"`
	Digest          string               `json:"digest"`
	Accounts        []accountJSON        `json:"accounts"`
	State           stateJSON            `json:"state"`
	ManifestsDigest string               `json:"manifests_digest"`
	Refresh         Refresh              `json:"refresh"`
	Reads           int                  `json:"reads"`
	EstimateSeconds int64                `json:"estimate_seconds"`
	Unknown         int                  `json:"unknown_to_ledger,omitempty"`
	Hidden          *TallyJSON           `json:"in_doubt_elsewhere,omitempty"`
	Lack            state.LedgerMismatch `json:"ledger_lack,omitempty"`
	Summary         map[string]TallyJSON `json:"summary"`
	Parents         []parentJSON         `json:"parents"`
	Changes         []RowJSON            `json:"changes"`
}

type accountJSON struct {
	Name        string `json:"name"`
	API         string `json:"api"`
	Environment string `json:"environment"`
	BaseURL     string `json:"base_url"`
	Fingerprint string `json:"fingerprint"`

	NotSelected *TallyJSON `json:"not_selected,omitempty"`
}

type stateJSON struct {
	Lineage string     `json:"lineage"`
	Heads   []string   `json:"heads"`
	LastAt  *time.Time `json:"last_at"`
}

// parentJSON is what was read of a parent. Parents that were not read have none.
type parentJSON struct {
	Account  string             `json:"account"`
	Kind     refund.Kind        `json:"kind"`
	ParentID string             `json:"parent_id"`
	Facts    *factsJSON         `json:"facts"`
	Digest   string             `json:"digest"`
	ListedAt time.Time          `json:"listed_at"`
	Partial  bool               `json:"partial"`
	Error    *errorJSON         `json:"error"`
	Refunds  []parentRefundJSON `json:"refunds"`
}

type factsJSON struct {
	Captured    string         `json:"captured"`
	Currency    money.Currency `json:"currency"`
	CompletedAt *time.Time     `json:"completed_at"`
	Mode        string         `json:"mode"`
}

type errorJSON struct {
	Class     refund.ReadClass `json:"class"`
	HTTP      int              `json:"http"`
	Code      string           `json:"code"`
	Message   string           `json:"message"`
	RequestID string           `json:"request_id,omitempty"`
}

type parentRefundJSON struct {
	RefundID string         `json:"refund_id"`
	Amount   string         `json:"refund_amount"`
	Currency money.Currency `json:"refund_currency"`
	Status   refund.Status  `json:"refund_status"`
}

// Encode writes a plan as one JSON document on one line. The same plan always gives the same bytes, and
// each request's body is a string of exactly the bytes that would be sent. With a time of expiry the
// document is a plan file with a digest; with the zero time it is only for reading.
func Encode(p *Plan, expires time.Time) ([]byte, error) {
	doc := documentOf(p)
	doc.ExpiresAt = moment(expires)
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(doc); err != nil {
		return nil, fmt.Errorf("encoding the plan: %w", err)
	}
	// The newline at the end is the only invisible character outside strings.
	line := append(EscapeJSON(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), '\n')
	if expires.IsZero() {
		return line, nil
	}
	return withDigest(line, "", digestOf(line)), nil
}

// withDigest replaces the document's digest. It comes before any text that a person or the API wrote.
func withDigest(line []byte, old, digest string) []byte {
	return bytes.Replace(line, []byte(`"digest":"`+old+`"`), []byte(`"digest":"`+digest+`"`), 1)
}

func digestOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

func documentOf(p *Plan) fileJSON {
	totals := p.Summary()
	doc := fileJSON{
		FormatVersion: FormatVersion, CreatedAt: p.CreatedAt, Accounts: make([]accountJSON, 0, len(p.Accounts)),
		State: stateJSON{p.Lineage, append([]string{}, p.Heads...), moment(p.LedgerAt)}, ManifestsDigest: p.Manifests,
		Refresh: p.Refresh, Reads: p.Reads, EstimateSeconds: int64(p.Estimate / time.Second), Unknown: p.Unknown, Hidden: tallyIfAny(p.Hidden), Lack: p.Lack,
		Summary: make(map[string]TallyJSON, len(Actions)), Parents: parentsOf(p), Changes: make([]RowJSON, 0, len(p.Changes)),
	}
	for _, a := range p.Accounts {
		doc.Accounts = append(doc.Accounts, accountJSON{a.Name, a.API, a.Environment, a.BaseURL, a.Fingerprint, tallyIfAny(p.NotSelected[a.Fingerprint])})
	}
	for _, a := range Actions {
		doc.Summary[a.String()] = TallyOf(totals[a])
	}
	for _, c := range p.Changes {
		doc.Changes = append(doc.Changes, RowOf(c))
	}
	return doc
}

// parentsOf returns the parents that were read, in the plan's order.
func parentsOf(p *Plan) []parentJSON {
	names := map[string]string{}
	for _, a := range p.Accounts {
		names[a.Fingerprint] = a.Name
	}
	parents := []parentJSON{}
	for id, read := range p.Parents {
		if !read.ListedAt.IsZero() {
			parents = append(parents, parentOf(id, names[id.Account], read))
		}
	}
	slices.SortFunc(parents, func(a, b parentJSON) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ParentID, b.ParentID))
	})
	return parents
}

func parentOf(id refund.Parent, account string, read ParentRead) parentJSON {
	out := parentJSON{Account: account, Kind: id.Kind, ParentID: id.ID, ListedAt: read.ListedAt,
		Partial: read.Partial, Error: failureOf(read.Err), Refunds: make([]parentRefundJSON, 0, len(read.Live))}
	if read.Good() {
		out.Digest = read.Digest(nil)
	}
	if f := read.Facts; f.Known {
		out.Facts = &factsJSON{f.Captured.String(), f.Captured.Currency, moment(f.CompletedAt), f.Mode}
	}
	for _, l := range read.Live {
		out.Refunds = append(out.Refunds, parentRefundJSON{l.RefundID, l.Amount.String(), l.Amount.Currency, l.Status})
	}
	slices.SortFunc(out.Refunds, func(a, b parentRefundJSON) int { // lists come in any order
		return cmp.Or(cmp.Compare(a.RefundID, b.RefundID), cmp.Compare(a.Amount, b.Amount), cmp.Compare(a.Currency, b.Currency), cmp.Compare(a.Status, b.Status))
	})
	return out
}

func failureOf(err error) *errorJSON {
	var read *refund.ReadError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &read):
		return &errorJSON{read.Class, read.HTTP, read.Code, read.Message, read.RequestID}
	}
	return &errorJSON{Message: err.Error()}
}

// Digest is the SHA-256, in hex, of what a plan relies on: the refund_ids and amounts of a parent's live
// refunds, and which are dead, in any order. It ignores the refund_ids in except.
func (p ParentRead) Digest(except map[string]bool) string {
	var facts []string
	for _, l := range p.Live {
		if !except[l.RefundID] {
			facts = append(facts, fmt.Sprintf("%q %s %s %t\n", l.RefundID, l.Amount, l.Amount.Currency, l.Status.Dead()))
		}
	}
	slices.Sort(facts)
	h := sha256.New()
	for _, f := range facts {
		_, _ = h.Write([]byte(f)) // a hash takes everything
	}
	return hex.EncodeToString(h.Sum(nil))
}
