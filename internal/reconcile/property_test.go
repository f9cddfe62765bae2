package reconcile_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"refundctl/internal/money"
	. "refundctl/internal/reconcile"
	"refundctl/internal/refund"
	"refundctl/state"
)

// drawn is a small world of everything: few ids, so that the sources meet, and few amounts, so that
// they agree and disagree.
func drawn(t *rapid.T) Input {
	in := Input{Accounts: map[string]string{"shop": "fp_shop", "market": "fp_market"}, SettleAfter: time.Hour, Now: now}
	amount := rapid.Custom(func(t *rapid.T) money.Amount {
		return money.Amount{Minor: rapid.Int64Range(1, 3).Draw(t, "minor"), Currency: rapid.SampledFrom([]money.Currency{"INR", "INR", "INR", "USD"}).Draw(t, "currency")}
	})
	status := rapid.SampledFrom([]refund.Status{refund.Success, refund.Success, refund.Pending, refund.OnHold, refund.Cancelled, refund.Failed, "ODD"})
	for _, account := range []string{"shop", "market"} {
		for _, parent := range []string{"o1", "o2"} {
			p := refund.Parent{Account: in.Accounts[account], Kind: refund.Order, ID: parent}
			read := Read{Parent: p}
			for _, id := range []string{"r1", "r2", "r3"} {
				drawRefund(t, &in, &read, account, id, amount, status)
			}
			if rapid.IntRange(0, 4).Draw(t, "fails") == 0 {
				read.Err = errors.New("not read")
			}
			in.Reads = append(in.Reads, read)
		}
	}
	if rapid.Bool().Draw(t, "bank") {
		in.Bank = &Bank{File: "bank.csv"}
		for row := range rapid.IntRange(0, 6).Draw(t, "lines") {
			id := func(name string, ids ...string) string { return rapid.SampledFrom(append(ids, "", "")).Draw(t, name) }
			in.Bank.Lines = append(in.Bank.Lines, Line{Row: row + 2, RefundID: id("refund_id", "r1", "r2", "r3", "x"), CfRefundID: id("cf", "cf1", "cf2"),
				ARN: id("arn", "arn1", "arn2"), ParentID: id("parent", "o1", "o2"), Amount: amount.Draw(t, "amount"), Back: rapid.IntRange(0, 4).Draw(t, "back") == 0})
		}
	}
	return in
}

func drawRefund(t *rapid.T, in *Input, read *Read, account, id string, amount *rapid.Generator[money.Amount], status *rapid.Generator[refund.Status]) {
	is := func(name string) bool { return rapid.Bool().Draw(t, name) }
	if is("wanted") {
		s := refund.Spec{Account: account, Kind: refund.Order, ParentID: read.Parent.ID, RefundID: id, Amount: amount.Draw(t, "wants"), Hold: is("hold")}
		if is("supersedes") {
			s.Supersedes = "r1"
		}
		in.Specs = append(in.Specs, s)
	}
	if is("remembered") {
		phase := rapid.SampledFrom([]state.Phase{state.Intended, state.Accepted, state.Settled, state.Failed, state.Refused, state.NotSent}).Draw(t, "phase")
		in.Entries = append(in.Entries, state.Entry{ID: refund.Identity{Parent: read.Parent, RefundID: id}, Amount: amount.Draw(t, "holds"), Phase: phase,
			CfRefundID: rapid.SampledFrom([]string{"", "cf1"}).Draw(t, "cf"), AcceptedAt: now.Add(-rapid.SampledFrom([]time.Duration{time.Minute, 9 * time.Hour}).Draw(t, "age"))})
	}
	for range rapid.SampledFrom([]int{0, 0, 1, 1, 1, 2}).Draw(t, "live") {
		read.Live = append(read.Live, refund.Live{RefundID: rapid.SampledFrom([]string{id, id, id, ""}).Draw(t, "id"), Amount: amount.Draw(t, "has"), Status: status.Draw(t, "status"),
			CfRefundID: rapid.SampledFrom([]string{"", "cf1", "cf2"}).Draw(t, "cf"), ARN: rapid.SampledFrom([]string{"", "arn1", "arn2"}).Draw(t, "arn"),
			Type: rapid.SampledFrom([]string{"MERCHANT_INITIATED", "PAYMENT_AUTO_REFUND"}).Draw(t, "type")})
	}
}

func made(t *rapid.T, in Input) Result {
	return Make(in)
}

func TestEveryRefundAndEveryLineHasExactlyOneVerdict(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawn(t)
		result := made(t, in)
		refunds, lines, idless := map[refund.Identity]int{}, map[int]int{}, 0
		for _, row := range result.Rows {
			if !slices.Contains(Verdicts, row.Verdict) {
				t.Fatalf("%q is no verdict", row.Verdict)
			}
			switch {
			case row.ID.RefundID != "":
				refunds[row.ID]++
			case row.ID.Kind != "":
				idless++
			}
			for _, l := range row.Bank {
				lines[l.Row]++
			}
		}
		want := map[refund.Identity]int{}
		for _, s := range in.Specs {
			want[s.Identity(in.Accounts[s.Account])] = 1
		}
		for _, e := range in.Entries {
			want[e.ID] = 1
		}
		for _, r := range in.Reads {
			for _, l := range r.Live {
				switch {
				case r.Err != nil:
				case l.RefundID == "":
					idless--
				default:
					want[refund.Identity{Parent: r.Parent, RefundID: l.RefundID}] = 1
				}
			}
		}
		if !reflect.DeepEqual(refunds, want) || idless != 0 {
			t.Fatalf("%v, want %v; %d without an id", refunds, want, idless)
		}
		if in.Bank != nil {
			for _, l := range in.Bank.Lines {
				if lines[l.Row] != 1 {
					t.Fatalf("row %d stands in %d verdicts", l.Row, lines[l.Row])
				}
			}
		}
	})
}

// plainSum adds up without the package's help.
type plainSum map[money.Currency]int64

func (s plainSum) add(a money.Amount) { s[a.Currency] += a.Minor }

func (s plainSum) same(sum money.Tally) bool {
	left := plainSum{}
	for _, a := range sum.Amounts {
		if a.Currency == "" {
			return false // no money is in no sum
		}
		left.add(a)
	}
	for c, minor := range s {
		left[c] -= minor
	}
	for _, minor := range left {
		if minor != 0 {
			return false
		}
	}
	return true
}

func TestTheSumsOfTheVerdictsAreTheSourcesToThePaisa(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawn(t)
		result := made(t, in)
		manifests, ledger, lived, bank := plainSum{}, plainSum{}, plainSum{}, plainSum{}
		for _, s := range in.Specs {
			manifests.add(s.Amount)
		}
		for _, e := range in.Entries {
			if e.Phase.Sent() || e.Phase == state.Intended {
				ledger.add(e.Amount)
			}
		}
		for _, r := range in.Reads {
			for _, l := range r.Live {
				if r.Err == nil {
					lived.add(l.Amount)
				}
			}
		}
		if in.Bank != nil {
			for _, l := range in.Bank.Lines {
				if l.Back {
					l.Amount.Minor *= -1
				}
				bank.add(l.Amount)
			}
		}
		for name, s := range map[string]struct {
			want plainSum
			of   func(Total) money.Tally
		}{
			"manifests": {manifests, func(t Total) money.Tally { return t.Manifests }}, "ledger": {ledger, func(t Total) money.Tally { return t.Ledger }},
			"live": {lived, func(t Total) money.Tally { return t.Live }}, "bank": {bank, func(t Total) money.Tally { return t.Bank }},
		} {
			parts, rows := money.Tally{}, 0
			for _, total := range result.Totals {
				rows += total.Rows
				parts.Join(s.of(total))
			}
			if !s.want.same(s.of(result.All)) || !s.want.same(parts) || rows != len(result.Rows) {
				t.Fatalf("%s: %v in all, %v in the verdicts, want %v", name, s.of(result.All), parts, s.want)
			}
		}
	})
}

func TestTheOrderOfTheInputsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawn(t)
		first := made(t, in)
		in.Specs = rapid.Permutation(in.Specs).Draw(t, "specs")
		in.Entries = rapid.Permutation(in.Entries).Draw(t, "entries")
		in.Reads = rapid.Permutation(in.Reads).Draw(t, "reads")
		for i := range in.Reads {
			in.Reads[i].Live = rapid.Permutation(in.Reads[i].Live).Draw(t, "live")
		}
		if in.Bank != nil {
			in.Bank = &Bank{File: in.Bank.File, Lines: rapid.Permutation(in.Bank.Lines).Draw(t, "lines")}
		}
		second := made(t, in)
		if a, b := fmt.Sprintf("%+v", shown(first)), fmt.Sprintf("%+v", shown(second)); a != b {
			t.Fatalf("%s\n%s", a, b)
		}
	})
}

// shown are a result's rows without addresses.
func shown(r Result) []string {
	texts := []string{fmt.Sprintf("%+v", r.All)}
	for _, row := range r.Rows {
		text := fmt.Sprintf("%s %s %v %v %+v %+v %v", row.Verdict, row.Account, row.ID, row.Amount, row.Live, row.Bank, row.Reasons)
		if row.Spec != nil {
			text += fmt.Sprintf(" %+v", *row.Spec)
		}
		if row.Entry != nil {
			text += fmt.Sprintf(" %+v", *row.Entry)
		}
		texts = append(texts, text)
	}
	return texts
}

// What every reader takes matched for, said without the rules: nobody may be missing or say otherwise.
func TestMatchedMeansAllSourcesAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawn(t)
		if rapid.IntRange(0, 3).Draw(t, "asked") == 0 {
			in.Reads = nil
		}
		for _, row := range made(t, in).Rows {
			if row.Verdict != Matched {
				continue
			}
			ok := row.Spec != nil && row.Entry != nil && row.Entry.Phase.Sent() && row.Spec.Amount == row.Entry.Amount
			if in.Reads != nil {
				ok = ok && len(row.Live) == 1 && row.Live[0].Status == refund.Success && row.Live[0].Amount == row.Spec.Amount && row.Entry.Phase != state.Failed
			} else {
				ok = ok && row.Entry.Phase == state.Settled
			}
			if in.Bank != nil {
				net := row.InBank()
				ok = ok && slices.Equal(net.Amounts, []money.Amount{row.Spec.Amount})
			}
			if !ok {
				t.Fatalf("%+v", row)
			}
		}
	})
}

// Two sources with different amounts of one refund are never calm, whatever else is the matter.
func TestMoneyThatDiffersIsAlwaysReported(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawn(t)
		for _, row := range made(t, in).Rows {
			var amounts []money.Amount
			if row.Spec != nil {
				amounts = append(amounts, row.Spec.Amount)
			}
			if row.Entry != nil && (row.Entry.Phase.Sent() || row.Entry.Phase == state.Intended) {
				amounts = append(amounts, row.Entry.Amount)
			}
			for _, l := range row.Live {
				amounts = append(amounts, l.Amount)
			}
			amounts = append(amounts, row.InBank().Amounts...)
			slices.SortFunc(amounts, func(a, b money.Amount) int { return int(a.Minor - b.Minor) })
			if len(slices.Compact(amounts)) > 1 && !row.Verdict.Differs() {
				t.Fatalf("%+v", row)
			}
		}
	})
}

// Taking a source away moves the rows that it has a part in, and no other.
func TestRemovingASourceChangesOnlyItsRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawn(t)
		in.Bank = nil
		for i := range in.Reads { // automatic refunds without an id are of no other source
			in.Reads[i].Live = slices.DeleteFunc(in.Reads[i].Live, func(l refund.Live) bool { return l.RefundID == "" })
		}
		before := verdicts(made(t, in))
		without := map[string]Input{}
		rest := in
		rest.Specs = nil
		without["manifests"] = rest
		rest = in
		rest.Entries = nil
		without["ledger"] = rest
		rest = in
		rest.Reads = rest.Reads[1:]
		without["read"] = rest
		for source, rest := range without {
			after := verdicts(made(t, rest))
			for id, verdict := range before {
				if !has(in, source, id) && after[id] != verdict {
					t.Fatalf("without the %s %v moved from %s to %s", source, id, verdict, after[id])
				}
				if _, still := after[id]; !still && (has(rest, "manifests", id) || has(rest, "ledger", id)) {
					t.Fatalf("without the %s %v is lost", source, id)
				}
			}
		}
	})
}

// has reports whether a source has a part in a refund. A row that supersedes has one in what it replaces.
func has(in Input, source string, id refund.Identity) bool {
	switch source {
	case "manifests":
		return slices.ContainsFunc(in.Specs, func(s refund.Spec) bool { return s.Identity(in.Accounts[s.Account]) == id })
	case "ledger":
		return slices.ContainsFunc(in.Entries, func(e state.Entry) bool { return e.ID == id })
	}
	return in.Reads[0].Parent == id.Parent
}

func TestWithoutTheBankFileOnlyItsOwnVerdictsChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawn(t)
		with := made(t, in)
		bank := in.Bank
		in.Bank = nil
		without := verdicts(made(t, in))
		if bank == nil {
			return
		}
		ofTheBank := []Verdict{BankTwice, BankDiffers, MissingBank}
		for id, verdict := range verdicts(with) {
			if !slices.Contains(ofTheBank, verdict) && without[id] != verdict {
				t.Fatalf("%v moved from %s to %s", id, verdict, without[id])
			}
			if verdict == MissingBank && without[id] != Matched {
				t.Fatalf("%v is missing in the bank file, and %s without it", id, without[id])
			}
		}
	})
}
