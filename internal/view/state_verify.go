package view

import (
	"fmt"
	"io"
	"slices"
	"time"

	"refundctl/state"
)

// Verified prints that no line of a ledger is damaged, and what it contains. A ledger whose last line does not
// end in a newline is not called intact: lines after it may be missing.
func Verified(w io.Writer, r state.VerifyResult, s Style) error {
	out := newPrinter(w, s)
	verdict := out.paint(green, "The ledger is intact:")
	switch {
	case hasNotice(r, state.FromTheFuture):
		verdict = out.paint(red, "A run is dated in the future:")
	case hasNotice(r, state.OpenEnd):
		verdict = out.paint(magenta, "The ledger's last newline is missing:")
	}
	out.hang(verdict+" ", 2,
		fmt.Sprintf("%s, %s, %s.", count(r.Runs, "run"), count(r.Events, "event"), count(r.Refunds, "refund")))
	for _, head := range r.Heads {
		out.line("head %s", Escape(head))
	}
	out.notices(r.Notices)
	return out.Flush()
}

func hasNotice(r state.VerifyResult, kind state.NoticeKind) bool {
	return slices.ContainsFunc(r.Notices, func(n state.Notice) bool { return n.Kind == kind })
}

// Notices prints what is unusual about a ledger but did no harm. It prints nothing for none.
func Notices(w io.Writer, notices []state.Notice, s Style) error {
	out := newPrinter(w, s)
	out.notices(notices)
	return out.Flush()
}

func (p *printer) notices(notices []state.Notice) {
	for _, n := range notices {
		p.hang(p.paint(magenta, "notice:")+" ", 2, p.commands(noticeText(n)))
	}
}

func noticeText(n state.Notice) string {
	switch n.Kind {
	case state.TornTail:
		return fmt.Sprintf("the ledger ends in an append that was cut short (%d bytes); it is ignored", n.Bytes)
	case state.OpenEnd:
		return "the ledger's last line does not end in a newline; the event in it is whole and counts. An append was cut short, or the file was edited; lines after it may be missing: compare it with version control or a backup"
	case state.OpenToAll:
		return fmt.Sprintf("others may read the ledger: its file mode is %04o, but 0600 is expected", n.Mode)
	}
	return clockNotice(n)
}

// clockNotice says what is unusual about the time of a run.
func clockNotice(n state.Notice) string {
	run := fmt.Sprintf("line %d: run %s ", n.Line, Escape(n.Run))
	switch n.Kind {
	case state.FromTheFuture:
		return run + fmt.Sprintf("is dated %s, %s ahead of this clock: nothing is sent until this clock is set or the run is accepted: refundctl state accept-time --run %s --reason TEXT", Time(n.At), lasting(n.By), Escape(n.Run))
	case state.ClockSkew:
		return run + fmt.Sprintf("is dated %s, %s ahead of this clock; up to %s is allowed", Time(n.At), lasting(n.By), lasting(state.Skew))
	case state.TooEarly:
		return run + fmt.Sprintf("is dated %s, %s before the ledger began or before a run that it had seen: its clock was wrong, or it is forged", Time(n.At), lasting(n.By))
	case state.TimeAccepted:
		return run + fmt.Sprintf("is dated %s later than %s, when it was accepted: its events count as of then", lasting(n.By), Time(n.At))
	}
	return Escape(string(n.Kind))
}

// TimeAccepted prints the time from which a run from the future counts.
func TimeAccepted(w io.Writer, n state.Notice, now time.Time, s Style) error {
	out := newPrinter(w, s)
	out.wrapped(0, fmt.Sprintf("Accepted: run %s is dated %s; its events count as of %s.", Escape(n.Run), Time(n.At), Time(now)))
	return out.Flush()
}

// VerifiedJSON prints
// {"format_version","valid","runs","events","refunds","heads":[…],"notices":[{"kind","bytes","mode","run","line","at","seconds"}]},
// with mode in octal as in chmod. Fields that do not apply to a notice are empty.
func VerifiedJSON(w io.Writer, r state.VerifyResult) error {
	type noticeJSON struct {
		Kind    state.NoticeKind `json:"kind"`
		Bytes   int64            `json:"bytes"`
		Mode    string           `json:"mode"`
		Run     string           `json:"run"`
		Line    int              `json:"line"`
		At      *time.Time       `json:"at"`
		Seconds int64            `json:"seconds"`
	}
	notices := make([]noticeJSON, 0, len(r.Notices))
	for _, n := range r.Notices {
		mode := ""
		if n.Mode != 0 {
			mode = fmt.Sprintf("%04o", n.Mode)
		}
		notices = append(notices, noticeJSON{n.Kind, n.Bytes, mode, n.Run, n.Line, moment(n.At), int64(n.By / time.Second)})
	}
	return writeJSON(w, struct {
		FormatVersion string       `json:"format_version"`
		Valid         bool         `json:"valid"`
		Runs          int          `json:"runs"`
		Events        int          `json:"events"`
		Refunds       int          `json:"refunds"`
		Heads         []string     `json:"heads"`
		Notices       []noticeJSON `json:"notices"`
	}{FormatVersion, !hasNotice(r, state.FromTheFuture), r.Runs, r.Events, r.Refunds, append([]string{}, r.Heads...), notices})
}
