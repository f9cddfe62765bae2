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

// PlanMarkdown prints a plan as a comment for a pull request: sums, what needs a person, what would be sent, what
// is held, and one line for each action of the rest. Only long tables are folded. What does not fit is left out,
// the least important first, and counted in refunds and money. Foreign text is inert in it. It returns the
// writer's error.
func PlanMarkdown(w io.Writer, p *plan.Plan, f PlanFile, o PlanOptions) error {
	all := agendaOf(p)
	var first, body markdown
	first.head(p, f, p.Summary())
	tail := othersLines(all.others, o.Verbose)
	room := comment - first.Len() - len(tail) - cutNote
	sections := reviewSections(p, all)
	if len(all.pressing) > shortTable {
		body.causes(all.pressing)
	}
	if o.Verbose {
		for _, rest := range all.others {
			sections = append(sections, rowsSection(p, string(rest.action)+" "+rest.word(), rest.word(), rest.rows))
		}
	}
	body.sections(sections, room)
	if len(body.cuts) > 0 {
		first.line("**Cut to fit a comment. Not listed: %s.**\n", strings.Join(body.cuts, ", "))
	}
	_, err := io.WriteString(w, first.String()+body.String()+tail)
	return err
}

// shortTable is how many rows a table has that is not folded.
const shortTable = 20

// cutNote is the room for the sentence on all that is left out.
const cutNote = 400

// reviewSections are the tables in the order of their importance. Many pressing rows follow the refunds to send,
// because their reasons are summed up before.
func reviewSections(p *plan.Plan, all agenda) []section {
	look, remedy, send := lookSection(p, all.pressing), remedySection(all.pressing), sendSection(p, all.creates)
	held := rowsSection(p, "h held", "held", all.held)
	if len(all.pressing) > shortTable {
		return []section{send, look, remedy, held}
	}
	look.share, remedy.share = 2, 3
	return []section{look, remedy, send, held}
}

// sections keeps the room that each later section needs to say what it leaves out. All of them end within end
// bytes.
func (m *markdown) sections(all []section, end int) {
	later := 0
	for _, s := range all {
		later += s.least()
	}
	for _, s := range all {
		least := s.least()
		later -= least
		room := end - later - m.Len()
		if s.share > 0 {
			room = max(least, room/s.share)
		}
		m.section(s, m.Len()+room)
	}
}

type markdown struct {
	strings.Builder
	cuts []string // what sections left out
}

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
		if a == plan.Create && len(p.Accounts) > 1 {
			m.payers(p)
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

// payers says how much of what would be sent is of each account.
func (m *markdown) payers(p *plan.Plan) {
	const most = 10
	sent := p.CreatesByAccount()
	all := p.Payers()
	for _, a := range all[:min(most, len(all))] {
		t := sent[a.Fingerprint]
		m.line("| of account %s | %s | %s |", mdCell(a.Name), grouped(t.Count), mdCell(briefly(t)))
	}
	if len(all) > most {
		m.line("| of %s more accounts | | |", grouped(len(all)-most))
	}
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

// section is a table with one row for each refund. A long one is folded.
type section struct {
	title  string
	what   string // names its rows: "to send"
	header string
	of     []*plan.Change
	row    func(plan.Change) string // called in order
	share  int                      // it takes at most this part of the room; 0: all of it
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
	folded := len(s.of) > shortTable
	if folded {
		m.line("<details><summary>%s</summary>\n", s.title)
	} else {
		m.line("#### %s\n", s.title)
	}
	shown := m.rows(s, end-len(cutOff(s.of))-len("\n\n\n</details>\n\n"))
	m.line("")
	if shown < len(s.of) {
		m.line("%s\n", cutOff(s.of[shown:]))
		m.cuts = append(m.cuts, grouped(len(s.of)-shown)+" "+s.what)
	}
	if folded {
		m.line("</details>\n")
	}
}

// cutOff says what is not shown.
func cutOff(rows []*plan.Change) string {
	return fmt.Sprintf("**Cut to fit a comment: %s not shown%s.** `--format html` shows all of them.", count(len(rows), "refund"), worth(rows))
}

// rows stops before the comment gets longer than end, and returns how many rows it wrote.
func (m *markdown) rows(s section, end int) int {
	for i, c := range s.of {
		if m.Len() >= end {
			return i
		}
		row := s.row(*c)
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
func worth(rows []*plan.Change) string { return ", " + mdCell(briefly(sumOf(rows))) }
