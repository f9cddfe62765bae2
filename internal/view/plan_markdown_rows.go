package view

import (
	"slices"
	"strings"

	"refundctl/plan"
)

// longest is how many characters of a foreign text a table shows.
const longest = 300

func mdCell(text string) string { return md(shorten(text, longest)) }

// mdBrief is mdCell for a sum of many rows, which the tables below show whole.
func mdBrief(text string) string { return md(shorten(text, 120)) }

func tableRow(cells ...string) string { return "| " + strings.Join(cells, " | ") + " |" }

// lookSection is the table of the pressing rows, with their reasons.
func lookSection(p *plan.Plan, pressed []*plan.Change) section {
	said := repeated{}
	return section{title: "Needs attention: " + count(len(pressed), "refund") + worth(pressed), what: "that need attention", of: pressed,
		header: "| | refund | of | amount | why |\n|:--|:--|:--|--:|:--|",
		row: func(c plan.Change) string {
			var why []string
			for _, r := range c.Reasons {
				why = append(why, said.once(c, r.Message)+" "+mdCell("["+r.Code+"]"))
			}
			return tableRow(strings.TrimSpace(string(c.Action)+" "+actionWord(c)+" "+mdCell(beside(c))), mdCell(rowID(c)), mdCell(parentOf(p, c)), mdCell(c.Amount.Human()), lines(why))
		}}
}

// remedySection folds what differs in conflicts, and what to do about each row.
func remedySection(pressed []*plan.Change) section {
	said := repeated{}
	with, _ := split(pressed, func(c *plan.Change) bool { return len(hints(*c)) > 0 || len(differences(*c)) > 0 })
	remedies := func(c plan.Change) string {
		var do []string
		for _, hint := range hints(c) {
			do = append(do, said.once(c, hint))
		}
		return lines(do)
	}
	if !slices.ContainsFunc(with, func(c *plan.Change) bool { return len(differences(*c)) > 0 }) {
		return section{title: "What to do", what: "hints", of: with, header: "| refund | what to do |\n|:--|:--|",
			row: func(c plan.Change) string { return tableRow(mdCell(rowID(c)), remedies(c)) }}
	}
	return section{title: "What differs, and what to do", what: "hints", of: with,
		header: "| refund | what differs: <del>desired</del> <ins>live</ins> | what to do |\n|:--|:--|:--|",
		row: func(c plan.Change) string {
			var differ []string
			for _, d := range differences(c) {
				differ = append(differ, md(d.Field+": ")+marked(d.Spans))
			}
			return tableRow(mdCell(rowID(c)), lines(differ), remedies(c))
		}}
}

func hints(c plan.Change) []string {
	var all []string
	for _, r := range c.Reasons {
		if r.Hint != "" {
			all = append(all, r.Hint)
		}
	}
	return all
}

// marked shows desired text as deleted and live text as inserted.
func marked(spans []plan.Span) string {
	var b strings.Builder
	for _, part := range spans {
		switch part.Op {
		case plan.Removed:
			b.WriteString("<del>" + mdCell(part.Text) + "</del>")
		case plan.Added:
			b.WriteString("<ins>" + mdCell(part.Text) + "</ins>")
		default:
			b.WriteString(mdCell(part.Text))
		}
	}
	return b.String()
}

// repeated maps a text to the first row of a table that has it.
type repeated map[string]string

// once is the text, or a reference to the earlier row that has it.
func (said repeated) once(c plan.Change, text string) string {
	if earlier := said[text]; earlier != "" {
		return "as for " + earlier
	}
	said[text] = mdCell(rowID(c))
	return mdCell(text)
}

// withText drops empty texts.
func withText(texts ...string) []string {
	return slices.DeleteFunc(texts, func(text string) bool { return text == "" })
}

func lines(texts []string) string { return strings.Join(texts, "<br>") }

// sendSection is the table of what would be sent.
func sendSection(p *plan.Plan, creates []*plan.Change) section {
	s := rowsSection(p, "+ to send", "to send", creates)
	s.title += md(largestOf(creates))
	return s
}

// rowsSection is a table of rows that are not pressing.
func rowsSection(p *plan.Plan, title, what string, of []*plan.Change) section {
	return section{title: title + ": " + count(len(of), "refund") + worth(of), what: what, of: of,
		header: "| refund | of | amount | about | manifest |\n|:--|:--|--:|:--|:--|",
		row: func(c plan.Change) string {
			return tableRow(mdCell(rowID(c)), mdCell(parentOf(p, c)), mdCell(c.Amount.Human()), lines(aboutRow(c)), mdCell(where(c.Source())))
		}}
}

// reasonsRoom is the room for the reasons that the comment sums up, in bytes.
const reasonsRoom = 12000

// causes sums up many pressing rows by action and reason, the most important ones first.
func (m *markdown) causes(pressing []*plan.Change) {
	rest := len(pressing)
	m.line("#### Needs attention: %s, by reason\n", count(len(pressing), "refund"))
	m.line("| | refunds | amount | why | for example |\n|:--|--:|--:|:--|:--|")
	for _, g := range causesOf(pressing) {
		c := *g.rows[0]
		example := rowID(c)
		if len(c.Reasons) > 0 {
			example += ": " + c.Reasons[0].Message
		}
		row := tableRow(label(g.action), grouped(len(g.rows)), mdBrief(briefly(sumOf(g.rows))), mdBrief(g.codes), lines(withText(mdBrief(example), mdBrief(g.alsoOf()))))
		if m.Len()+len(row) > reasonsRoom {
			break
		}
		m.line("%s", row)
		rest -= len(g.rows)
	}
	if rest > 0 {
		m.line("%s", tableRow("", grouped(rest), "", "other reasons", ""))
	}
	m.line("")
}

// othersLines is one line for each action that is not listed.
func othersLines(all []others, verbose bool) string {
	var m markdown
	for _, o := range all {
		if verbose || o.action == plan.InSync && o.about() == "" {
			continue // the table of sums has it
		}
		if m.Len() == 0 {
			m.line("Listed only with `-v`:\n")
		}
		text := grouped(len(o.rows)) + " " + o.word() + worth(o.rows)
		if about := o.about(); about != "" {
			text += ": " + mdCell(about)
		}
		m.line("- %s %s", mdCell(string(o.action)), text)
	}
	if m.Len() > 0 {
		m.line("")
	}
	return m.String()
}

// aboutRow is what a reviewer may want to know about a row that is not pressing.
func aboutRow(c plan.Change) []string {
	var texts []string
	if word := outcomeOf(c); word != "" {
		texts = append(texts, mdCell(word))
	}
	if c.WithoutHold != nil {
		texts = append(texts, "held; "+mdCell(beside(c)))
	}
	for _, r := range reasonsWithoutHold(c) {
		texts = append(texts, mdCell(r.Code+": "+r.Message))
	}
	for _, f := range requestedFacts(c) {
		texts = append(texts, mdCell(f.Name+": "+f.Value))
	}
	if all := rowLabels(c); len(all) > 0 {
		texts = append(texts, mdCell("labels: "+strings.Join(all, ", ")))
	}
	for _, r := range slices.Concat(ownReasons(c), c.Attention) {
		texts = append(texts, mdCell(r.Code+": "+r.Message))
	}
	return texts
}
