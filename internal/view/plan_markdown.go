package view

import (
	"fmt"
	"io"
	"strings"

	"refundctl/plan"
)

// comment is how many bytes the Markdown of a plan takes at most. GitHub refuses a comment of 65,536
// characters; the rest is for text that others put around it.
const comment = 60000

// PlanMarkdown prints a plan as a comment for a pull request: sums, what waits for a person, and the rest
// folded. What does not fit is left out, and counted in refunds and money. Foreign text is inert in it. It
// returns the writer's error.
func PlanMarkdown(w io.Writer, p *plan.Plan, f PlanFile) error {
	var m markdown
	m.head(p, f, p.Summary())
	first, others := split(p.Changes, plan.Change.Pressing)
	m.sections(append([]section{lookSection(p, first), remedySection(first)}, foldedSections(p, others)...))
	_, err := io.WriteString(w, m.String())
	return err
}

// portions limit how much of the remaining room the first sections take, so that what would be sent stays
// visible.
var portions = []int{2, 3}

// sections keeps the room that each later section needs to say what it leaves out.
func (m *markdown) sections(all []section) {
	later := 0
	for _, s := range all {
		later += s.least()
	}
	for i, s := range all {
		least := s.least()
		later -= least
		room := comment - later - m.Len()
		if i < len(portions) {
			room = max(least, room/portions[i])
		}
		m.section(s, m.Len()+room)
	}
}

type markdown struct{ strings.Builder }

func (m *markdown) line(format string, args ...any) { fmt.Fprintf(m, format+"\n", args...) }

func (m *markdown) head(p *plan.Plan, f PlanFile, totals map[plan.Action]plan.Tally) {
	m.line("### Refund plan: %s\n", mdCell(toSend(totals)))
	if first := lookFirst(p.Changes); first != "" {
		m.line("**%s.**\n", first)
	}
	if len(totals) > 0 {
		m.line("| action | refunds | amount |\n|:--|--:|--:|")
	}
	for _, a := range totalsOrder() {
		if t := totals[a]; t.Count > 0 {
			m.line("| %s | %s | %s |", label(a), grouped(t.Count), mdCell(briefly(t)))
		}
	}
	m.line("")
	m.line("%s Made %s.\n", cost(p, totals[plan.Create].Count), Time(p.CreatedAt))
	for _, text := range ledgerRemarks(p) {
		m.line("**%s**\n", text)
	}
	if saved := binding(f); len(saved) > 0 {
		m.line("%s\n", mdCell(strings.Join(saved, " ")))
	}
	m.line("%s\n", md(shorten("Accounts: "+accounts(p), 2*longest)))
}

// toSend says what apply would do.
func toSend(totals map[plan.Action]plan.Tally) string {
	if t := totals[plan.Create]; t.Count > 0 {
		return count(t.Count, "refund") + " to send, " + briefly(t)
	}
	return "nothing to send"
}

// accounts says where the refunds would be sent.
func accounts(p *plan.Plan) string {
	texts := make([]string, 0, len(p.Accounts))
	for _, a := range p.Accounts {
		texts = append(texts, fmt.Sprintf("%s (%s, %s)", a.Name, a.API, Environment(a.Environment)))
	}
	if len(texts) == 0 {
		return "none"
	}
	return strings.Join(texts, ", ")
}

// briefly prints a tally's money, of many currencies only the first ones.
func briefly(t plan.Tally) string {
	const most = 3
	if len(t.Amounts) <= most {
		return shorten(sums(t), 120)
	}
	return fmt.Sprintf("%s and %d more currencies", shorten(sums(plan.Tally{Amounts: t.Amounts[:most]}), 120), len(t.Amounts)-most)
}

// section is a table with one row for each refund.
type section struct {
	title  string // a heading; empty for a folded section
	fold   string // the line that opens a folded section
	header string
	of     []plan.Change
	row    func(plan.Change) string // called in order
}

// least is how many bytes a section takes without any of its rows.
func (s section) least() int {
	var m markdown
	m.section(s, 0)
	return m.Len()
}

// section writes as many rows as fit in end bytes, and says what the others are.
func (m *markdown) section(s section, end int) {
	if len(s.of) == 0 {
		return
	}
	if s.title != "" {
		m.line("#### %s\n", s.title)
	} else {
		m.line("<details><summary>%s</summary>\n", s.fold)
	}
	shown := m.rows(s, end-len(cutOff(s.of))-len("\n\n\n</details>\n\n"))
	m.line("")
	if shown < len(s.of) {
		m.line("%s\n", cutOff(s.of[shown:]))
	}
	if s.title == "" {
		m.line("</details>\n")
	}
}

// cutOff says what is not shown.
func cutOff(rows []plan.Change) string {
	return fmt.Sprintf("**Cut to fit a comment: %s not shown%s.** `--format html` shows all of them.", count(len(rows), "refund"), worth(rows))
}

// rows stops before the comment gets longer than end, and returns how many rows it wrote.
func (m *markdown) rows(s section, end int) int {
	for i, c := range s.of {
		if m.Len() >= end {
			return i
		}
		row := s.row(c)
		if i == 0 {
			row = s.header + "\n" + row
		}
		if m.Len()+len(row) >= end {
			return i
		}
		m.line("%s", row)
	}
	return len(s.of)
}

// worth is the money of rows, as the end of a sentence.
func worth(rows []plan.Change) string { return ", " + mdCell(briefly(plan.SumOf(rows))) }
