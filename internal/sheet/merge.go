package sheet

import (
	"fmt"
	"slices"
	"strings"

	"refundctl/internal/diag"
	"refundctl/internal/refund"
)

// Verdict is what becomes of a row.
type Verdict int

// A row is Added to the manifests, Unchanged where one of them holds it already, or Refused.
const (
	Refused Verdict = iota
	Added
	Unchanged
)

// Merge holds the rows of a sheet against the refunds that manifests hold. It keeps ids, not rows.
type Merge struct {
	batch string
	held  []refund.Spec     // of all accounts
	byID  map[string]int    // the account's in held
	seen  map[string]int    // the row of each refund_id
	alike map[string]string // where a refund of that likeness is
}

// NewMerge takes what the project's manifests hold; refunds of other accounts do not count.
func NewMerge(held []refund.Spec, account, batch string) *Merge {
	m := &Merge{batch: batch, held: held, byID: make(map[string]int, len(held)), seen: map[string]int{}, alike: make(map[string]string, len(held))}
	for i, s := range held {
		if s.Account == account {
			m.byID[s.RefundID] = i
			m.alike[likeness(s)] = fmt.Sprintf("refund %s at %s", s.RefundID, s.Source)
		}
	}
	return m
}

// likeness is what two refunds share that plan takes for one: the parent and the amount.
func likeness(s refund.Spec) string {
	return parentKey(refund.Spec{Kind: s.Kind, ParentID: s.ParentID}) + " " + s.Amount.String()
}

// Take judges a row. A row that failed is Refused without a further problem, but counts as there. An
// id that the sheet has twice, and one that a manifest holds for another amount or parent, are
// problems that no row may be left out for: which one is right is a person's to say.
func (m *Merge) Take(row Row) (Verdict, []Problem) {
	s := row.Spec
	if s.RefundID == "" {
		return Refused, nil
	}
	first, twice := m.seen[s.RefundID]
	if !twice {
		m.seen[s.RefundID] = row.Number
	}
	i, held := m.byID[s.RefundID]
	switch {
	case twice:
		return Refused, []Problem{{Code: codeTwice, Row: row.Number, Field: fieldRefund, Message: fmt.Sprintf("refund_id %s stands in row %d already", s.RefundID, first),
			Hint: "give each refund its own refund_id, or take one of the rows out"}}
	case row.Failed():
		return Refused, nil
	case held && changed(m.held[i], s) != "":
		return Refused, []Problem{changedProblem(row, m.held[i])}
	case held:
		return Unchanged, differing(row, m.held[i])
	}
	return Added, m.suspect(row)
}

// changed says what of a refund's identity or amount is not what the manifest holds.
func changed(held, s refund.Spec) string {
	differ := refund.Differences(held.Terms(), s.Terms())
	switch {
	case slices.Contains(differ, refund.ParentDiffers), held.PaymentID != s.PaymentID: // also if only one has a payment_id
		return fmt.Sprintf("is for %s, the manifest has it for %s", parent(s), parent(held))
	case slices.Contains(differ, refund.AmountDiffers):
		return fmt.Sprintf("is %s, the manifest has %s", s.Amount.Human(), held.Amount.Human())
	}
	return ""
}

func parent(s refund.Spec) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", s.Kind, s.ParentID, s.PaymentID))
}

func changedProblem(row Row, held refund.Spec) Problem {
	hint := "a refund that was imported keeps its amount and parent: put the sheet right, or edit the manifest if nothing was sent"
	if strings.HasPrefix(row.Spec.RefundID, "csv_") {
		hint += "; rows of one order that are sorted otherwise, or have a new one before them, change which is which: add rows at the end"
	}
	return Problem{Code: codeChanged, Row: row.Number, Field: fieldAmount, Message: fmt.Sprintf("refund %s %s (%s)", row.Spec.RefundID, changed(held, row.Spec), held.Source), Hint: hint}
}

// differing warns of a note or speed that the manifest, which stays as it is, does not have.
func differing(row Row, held refund.Spec) []Problem {
	s := row.Spec
	if (s.Note == "" || s.Note == held.Note) && (s.Speed == "" || s.Speed == held.Speed) {
		return nil
	}
	return []Problem{{Severity: diag.Warning, Code: codeDiffers, Row: row.Number, Field: fieldNote, Message: fmt.Sprintf("note or speed of refund %s differs from %s, which stays as it is", s.RefundID, held.Source),
		Hint: "edit the manifest if the sheet is right"}}
}

// suspect warns of a refund that is there under another id, as where a sheet is imported as another
// batch: plan blocks those.
func (m *Merge) suspect(row Row) []Problem {
	key := likeness(row.Spec)
	other, alike := m.alike[key]
	if !alike {
		m.alike[key] = fmt.Sprintf("row %d", row.Number)
		return nil
	}
	return []Problem{{Severity: diag.Warning, Code: codeSuspected, Row: row.Number, Field: fieldAmount, Message: fmt.Sprintf("it has the parent and the amount of %s", other),
		Hint: "plan blocks both; if both are meant, write not_duplicate_of into the manifest; if this sheet was imported already, give the --batch of then"}}
}

// Gone are the refunds of the batch that the sheet does not have any more. What was reissued took its
// label along and never stood there.
func (m *Merge) Gone() (gone []refund.Spec) {
	for i, s := range m.held {
		if _, there := m.seen[s.RefundID]; m.ours(i) && s.Supersedes == "" && !there {
			gone = append(gone, s)
		}
	}
	return gone
}

// ours tells whether a refund of a manifest is of the account and the batch.
func (m *Merge) ours(i int) bool {
	s := m.held[i]
	at, known := m.byID[s.RefundID]
	return known && at == i && m.batch != "" && s.Labels[BatchLabel] == m.batch
}

// GoneProblem warns of one of them.
func GoneProblem(s refund.Spec) Problem {
	return Problem{Severity: diag.Warning, Code: codeVanished, Message: fmt.Sprintf("refund %s of %s (%s) is not in the sheet any more", s.RefundID, s.Amount.Human(), s.Source),
		Hint: "the manifest still asks for it: take it out there; if this is another sheet, give another --batch"}
}

// Meets tells whether a manifest file is of this sheet: it holds a refund of the batch, or one that the
// sheet has, too.
func (m *Merge) Meets(file string) bool {
	for id, i := range m.byID {
		if _, seen := m.seen[id]; m.held[i].Source.File == file && (seen || m.ours(i)) {
			return true
		}
	}
	return false
}
