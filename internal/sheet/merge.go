package sheet

import (
	"fmt"
	"slices"
	"strings"

	"refundctl/internal/diag"
	"refundctl/internal/refund"
)

// Verdict says what happens to a row.
type Verdict int

// A row is Added to the manifests, Unchanged because one of them contains it, or Refused.
const (
	Refused Verdict = iota
	Added
	Unchanged
)

// Merge compares the rows of a sheet with the refunds in manifests. It keeps ids, not rows.
type Merge struct {
	batch string
	specs []refund.Spec     // in manifests, of all accounts
	byID  map[string]int    // the account's in specs, by refund_id
	seen  map[string]int    // row of each refund_id
	alike map[string]string // place of the first refund with each likeness
}

// NewMerge takes the refunds in the project's manifests. Those of other accounts do not count.
func NewMerge(specs []refund.Spec, account, batch string) *Merge {
	m := &Merge{batch: batch, specs: specs, byID: make(map[string]int, len(specs)), seen: map[string]int{}, alike: make(map[string]string, len(specs))}
	for i, s := range specs {
		if s.Account == account {
			m.byID[s.RefundID] = i
			m.alike[likeness(s)] = fmt.Sprintf("refund %s at %s", s.RefundID, s.Source)
		}
	}
	return m
}

// likeness is equal for two refunds that plan suspects of being the same: same parent and amount.
func likeness(s refund.Spec) string {
	return parentKey(refund.Spec{Kind: s.Kind, ParentID: s.ParentID}) + " " + s.Amount.String()
}

// Take judges a row. A row that failed is Refused without a further problem, but its id counts as seen.
// A refund_id that is in the sheet twice, or in a manifest with another amount or parent, is a problem
// that stops the import: only a person can say which one is right.
func (m *Merge) Take(row Row) (Verdict, []Problem) {
	s := row.Spec
	if s.RefundID == "" {
		return Refused, nil
	}
	first, twice := m.seen[s.RefundID]
	if !twice {
		m.seen[s.RefundID] = row.Number
	}
	i, exists := m.byID[s.RefundID]
	switch {
	case twice:
		return Refused, []Problem{{Code: codeTwice, Row: row.Number, Field: fieldRefund, Message: fmt.Sprintf("refund_id %s is already in row %d", s.RefundID, first),
			Hint: "give each refund its own refund_id, or remove one of the rows"}}
	case row.Failed():
		return Refused, nil
	case exists && changed(m.specs[i], s) != "":
		return Refused, []Problem{changedProblem(row, m.specs[i])}
	case exists:
		return Unchanged, differing(row, m.specs[i])
	}
	return Added, m.suspectDuplicate(row)
}

// changed says how a refund's parent or amount differs from the manifest's, or returns "".
func changed(held, s refund.Spec) string {
	differ := refund.Differences(held.Terms(), s.Terms())
	switch {
	case slices.Contains(differ, refund.ParentDiffers), held.PaymentID != s.PaymentID: // also if only one has a payment_id
		return fmt.Sprintf("is for %s, but for %s in the manifest", parent(s), parent(held))
	case slices.Contains(differ, refund.AmountDiffers):
		return fmt.Sprintf("is %s, but %s in the manifest", s.Amount.Human(), held.Amount.Human())
	}
	return ""
}

func parent(s refund.Spec) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", s.Kind, s.ParentID, s.PaymentID))
}

func changedProblem(row Row, held refund.Spec) Problem {
	hint := fmt.Sprintf("an imported refund keeps its amount and %s: correct the sheet, or edit the manifest if nothing was sent", held.Kind)
	if strings.HasPrefix(row.Spec.RefundID, "csv_") {
		hint += "; sorting the rows of one order, or inserting a row before them, swaps their ids: add rows at the end"
	}
	return Problem{Code: codeChanged, Row: row.Number, Field: fieldAmount, Message: fmt.Sprintf("refund %s %s (%s)", row.Spec.RefundID, changed(held, row.Spec), held.Source), Hint: hint}
}

// differing warns of a note or speed that differs from the manifest's, which is not changed.
func differing(row Row, held refund.Spec) []Problem {
	s := row.Spec
	if (s.Note == "" || s.Note == held.Note) && (s.Speed == "" || s.Speed == held.Speed) {
		return nil
	}
	return []Problem{{Severity: diag.Warning, Code: codeDiffers, Row: row.Number, Field: fieldNote, Message: fmt.Sprintf("the note or speed of refund %s differs from %s, which is not changed", s.RefundID, held.Source),
		Hint: "edit the manifest if the sheet is right"}}
}

// suspectDuplicate warns of a refund that exists under another id, for example because the sheet was
// imported as another batch. plan blocks such refunds.
func (m *Merge) suspectDuplicate(row Row) []Problem {
	key := likeness(row.Spec)
	other, alike := m.alike[key]
	if !alike {
		m.alike[key] = fmt.Sprintf("row %d", row.Number)
		return nil
	}
	return []Problem{{Severity: diag.Warning, Code: codeSuspected, Row: row.Number, Field: fieldAmount, Message: fmt.Sprintf("it has the same %s and amount as %s", row.Spec.Kind, other),
		Hint: "plan blocks both: if both are intended, add not_duplicate_of to the manifest; if this sheet was imported before, use the same --batch"}}
}

// Gone returns the refunds of the batch that are no longer in the sheet. A reissued refund has the
// label of its batch, but was never in the sheet.
func (m *Merge) Gone() (gone []refund.Spec) {
	for i, s := range m.specs {
		if _, there := m.seen[s.RefundID]; m.inBatch(i) && s.Supersedes == "" && !there {
			gone = append(gone, s)
		}
	}
	return gone
}

// inBatch reports whether a refund in a manifest is of the account and the batch.
func (m *Merge) inBatch(i int) bool {
	s := m.specs[i]
	at, known := m.byID[s.RefundID]
	return known && at == i && m.batch != "" && s.Labels[BatchLabel] == m.batch
}

// GoneProblem warns of a refund that is no longer in the sheet.
func GoneProblem(s refund.Spec) Problem {
	return Problem{Severity: diag.Warning, Code: codeVanished, Message: fmt.Sprintf("refund %s of %s (%s) is no longer in the sheet", s.RefundID, s.Amount.Human(), s.Source),
		Hint: "the manifest still contains it: remove it there, or use another --batch if this is another sheet"}
}

// Meets reports whether a manifest file belongs to this sheet: it contains a refund of the batch, or one
// that is in the sheet.
func (m *Merge) Meets(file string) bool {
	for id, i := range m.byID {
		if _, seen := m.seen[id]; m.specs[i].Source.File == file && (seen || m.inBatch(i)) {
			return true
		}
	}
	return false
}
