package state

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"refundctl/internal/refund"
)

// randomRuns are a few runs with three refunds of two parents, with all phases, tries and attempts, at few
// different times, so that there are ties.
func randomRuns(t *rapid.T, tb testing.TB) [][]byte {
	var runs [][]byte
	for n := range rapid.IntRange(1, 4).Draw(t, "runs") {
		h := Header{PlanDigest: rapid.SampledFrom([]string{"", "p1", "p2", "p3"}).Draw(t, "plan"), Lineage: fmt.Sprint("lineage", n)}
		for i, earlier := range runs {
			if rapid.Bool().Draw(t, fmt.Sprint("cites ", i)) {
				h.Heads = append(h.Heads, headOf(earlier))
			}
		}
		slices.Sort(h.Heads)
		for _, fingerprint := range prints[:rapid.IntRange(0, len(prints)).Draw(t, "places")] {
			h.Places = append(h.Places, Place{fingerprint, rapid.SampledFrom([]string{"", "loopback/pg"}).Draw(t, "place")})
		}
		at := ticking(time.Duration(rapid.IntRange(0, 2).Draw(t, "at")) * time.Second)
		runs = append(runs, run(tb, runID(n+1), h, at, rapid.SliceOfN(rapid.Custom(randomEvent), 1, 6).Draw(t, "events")...))
	}
	return runs
}

// prints are the fingerprints of the runs.
var prints = []string{someIntent(1).ID.Account, "f1", "f2"}

func randomEvent(t *rapid.T) *event {
	n := rapid.IntRange(1, 3).Draw(t, "refund")
	in := someIntent(min(n, 2))
	in.ID.RefundID, in.ID.Account = fmt.Sprint("refund_", n), rapid.SampledFrom(prints[:2]).Draw(t, "merchant")
	in = in.again(rapid.IntRange(1, 3).Draw(t, "attempt"), rapid.IntRange(1, 3).Draw(t, "try"))
	in.AccountName = rapid.SampledFrom([]string{"default", "main"}).Draw(t, "account")
	in.Facts.Captured = inr(int64(rapid.IntRange(0, 2).Draw(t, "captured")))
	in.Facts.Known = rapid.Bool().Draw(t, "known")
	if !in.Facts.Known {
		in.Facts = refund.Facts{}
	}
	switch rapid.IntRange(0, 5).Draw(t, "type") {
	case 5:
		return &event{Type: typeAccept, Accept: Acceptance{Run: runID(rapid.IntRange(1, 4).Draw(t, "accepted")), Reason: "a wrong clock"}}
	case 0:
		return bindings(Binding{Account: in.AccountName, Environment: "sandbox",
			Fingerprint: rapid.SampledFrom(prints).Draw(t, "fingerprint"), Credentials: rapid.SampledFrom([]string{"", "c1", "c2", prints[0]}).Draw(t, "credentials")})
	case 1, 2:
		return intents(in)
	}
	o := outcomeOf(in, rapid.SampledFrom([]Phase{Intended, Accepted, Settled, Failed, Refused, NotSent}).Draw(t, "phase"))
	o.Attempt = rapid.IntRange(0, 3).Draw(t, "of attempt")
	o.CfRefundID = rapid.SampledFrom([]string{"", "1", "refund_1", "2", "3"}).Draw(t, "cf")
	o.ARN = rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "arn")
	o.How = rapid.SampledFrom([]string{"answered", "status", Missing}).Draw(t, "how")
	if (o.Phase == Accepted || o.Phase == NotSent) && rapid.Bool().Draw(t, "by a person") {
		o.How, o.CfRefundID, o.ARN = Resolved, "", ""
	}
	return outcomes(o)
}

// lastOf is the head of a run, as a header cites it; empty if there is no such run.
func (s *State) lastOf(run string) []string {
	if c := s.chains[run]; c != nil {
		return []string{c.last.String()}
	}
	return nil
}

// picture is everything that a State returns.
func picture(s *State) map[string]string {
	all := map[string]string{
		"lineage": s.Lineage(), "heads": fmt.Sprint(s.Heads()), "last": fmt.Sprint(s.LastAt()), "runs": fmt.Sprintf("%+v", s.Runs()),
		"bindings": fmt.Sprintf("%+v", s.Bindings()), "doubt": fmt.Sprint(len(s.InDoubt())), "sent": fmt.Sprint(s.SentOn(someIntent(1).ID.Account, start)),
	}
	for _, e := range s.Entries() {
		facts, known := s.Facts(e.ID.Parent)
		bytes := e.Request != nil
		e.Request = nil
		name := e.ID.Account + " " + e.ID.RefundID
		all[name] = fmt.Sprintf("%+v %v %+v %v", e, bytes, facts, known)
		for _, plan := range []string{"", "p1", "p2", "p3"} {
			for n := range 5 {
				all[name] += fmt.Sprint(s.MovedSince(e.ID.Parent, s.SnapshotAt(s.lastOf(runID(n))), plan))
			}
		}
	}
	return all
}

// woven mixes the lines of the runs; the lines of each run keep their order.
func woven(r *rapid.T, runs [][]byte) []byte {
	var left [][]string
	for _, run := range runs {
		left = append(left, lines(run))
	}
	var mixed strings.Builder
	for len(left) > 0 {
		i := rapid.IntRange(0, len(left)-1).Draw(r, "next")
		mixed.WriteString(left[i][0])
		if left[i] = left[i][1:]; len(left[i]) == 0 {
			left = slices.Delete(left, i, i+1)
		}
	}
	return []byte(mixed.String())
}
