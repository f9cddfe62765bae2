package view

import (
	"fmt"
	"io"
	"slices"

	"refundctl/state"
)

// Verified tells a person that no line of a ledger is damaged, and what it holds. One whose last line
// has no end is not called whole: what stood behind it may be gone as well.
func Verified(w io.Writer, r state.Report, s Style) error {
	out := newPrinter(w, s)
	verdict := out.paint(green, "The ledger is whole:")
	if slices.ContainsFunc(r.Notices, func(n state.Notice) bool { return n.Kind == state.OpenEnd }) {
		verdict = out.paint(magenta, "The ledger lacks its last line end:")
	}
	out.hung(verdict+" ", 2,
		fmt.Sprintf("%s, %s, %s.", count(r.Runs, "run"), count(r.Events, "event"), count(r.Refunds, "refund")))
	for _, head := range r.Heads {
		out.line("head %s", Escape(head))
	}
	out.notices(r.Notices)
	return out.Flush()
}

// Notices tells a person what was odd about a ledger and harmed nothing. Without any it prints
// nothing.
func Notices(w io.Writer, notices []state.Notice, s Style) error {
	out := newPrinter(w, s)
	out.notices(notices)
	return out.Flush()
}

func (p *printer) notices(notices []state.Notice) {
	for _, n := range notices {
		p.hung(p.paint(magenta, "notice:")+" ", 2, noticed(n))
	}
}

func noticed(n state.Notice) string {
	switch n.Kind {
	case state.TornTail:
		return fmt.Sprintf("the ledger ends in an append that was cut short (%d bytes); it counts for nothing", n.Bytes)
	case state.OpenEnd:
		return "the ledger's last line has no end; the event in it is whole and counts. An append was cut short, or the file was edited: then lines behind it may be missing, so compare it with version control or a backup"
	case state.OpenToAll:
		return fmt.Sprintf("others may read the ledger: its file mode is %04o, 0600 is meant", n.Mode)
	}
	return Escape(string(n.Kind))
}

// VerifiedJSON prints the same: {"format_version","valid":true,"runs","events","refunds","heads":[…],
// "notices":[{"kind","bytes","mode"}]}, mode in octal as chmod takes it, empty where it is not the matter.
func VerifiedJSON(w io.Writer, r state.Report) error {
	type noticeJSON struct {
		Kind  state.NoticeKind `json:"kind"`
		Bytes int64            `json:"bytes"`
		Mode  string           `json:"mode"`
	}
	notices := make([]noticeJSON, 0, len(r.Notices))
	for _, n := range r.Notices {
		mode := ""
		if n.Mode != 0 {
			mode = fmt.Sprintf("%04o", n.Mode)
		}
		notices = append(notices, noticeJSON{n.Kind, n.Bytes, mode})
	}
	return writeJSON(w, struct {
		FormatVersion string       `json:"format_version"`
		Valid         bool         `json:"valid"`
		Runs          int          `json:"runs"`
		Events        int          `json:"events"`
		Refunds       int          `json:"refunds"`
		Heads         []string     `json:"heads"`
		Notices       []noticeJSON `json:"notices"`
	}{FormatVersion, true, r.Runs, r.Events, r.Refunds, append([]string{}, r.Heads...), notices})
}
