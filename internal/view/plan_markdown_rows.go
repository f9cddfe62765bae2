package view

import (
	"slices"
	"strings"

	"refundctl/plan"
)

// longest is how many characters of a foreign text a table shows.
const longest = 300

func mdCell(text string) string { return md(shorten(text, longest)) }

func tableRow(cells ...string) string { return "| " + strings.Join(cells, " | ") + " |" }

// lookSection is the table of the pressing rows, with their reasons.
func lookSection(p *plan.Plan, pressed []plan.Change) section {
	said := repeated{}
	return section{title: "Needs attention: " + count(len(pressed), "refund"), of: pressed,
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
func remedySection(pressed []plan.Change) section {
	said := repeated{}
	with, _ := split(pressed, func(c plan.Change) bool { return len(hints(c)) > 0 || len(differences(c)) > 0 })
	remedies := func(c plan.Change) string {
		var do []string
		for _, hint := range hints(c) {
			do = append(do, said.once(c, hint))
		}
		return lines(do)
	}
	if !slices.ContainsFunc(with, func(c plan.Change) bool { return len(differences(c)) > 0 }) {
		return section{fold: "What to do", of: with, header: "| refund | what to do |\n|:--|:--|",
			row: func(c plan.Change) string { return tableRow(mdCell(rowID(c)), remedies(c)) }}
	}
	return section{fold: "What differs, and what to do", of: with,
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

func lines(texts []string) string { return strings.Join(texts, "<br>") }

// foldedSections are tables, one for each action. What is in sync is included only if there is something to
// say about it.
func foldedSections(p *plan.Plan, others []plan.Change) []section {
	var all []section
	for _, a := range quietActions {
		of, _ := split(others, func(c plan.Change) bool { return c.Action == a && worthSeeing(c) })
		if len(of) == 0 {
			continue
		}
		all = append(all, section{of: of, fold: label(a) + ": " + count(len(of), "refund") + worth(of),
			header: "| refund | of | amount | about | manifest |\n|:--|:--|--:|:--|:--|",
			row: func(c plan.Change) string {
				return tableRow(mdCell(rowID(c)), mdCell(parentOf(p, c)), mdCell(c.Amount.Human()), lines(aboutRow(c)), mdCell(where(c.Source())))
			}})
	}
	return all
}

// aboutRow is what a reviewer may want to know about a row that is not pressing.
func aboutRow(c plan.Change) []string {
	var texts []string
	if word := outcomeOf(c); word != "" {
		texts = append(texts, mdCell(word))
	}
	if c.WithoutHold != nil {
		texts = append(texts, mdCell(beside(c)))
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
	for _, r := range slices.Concat(c.Reasons, c.Attention) {
		texts = append(texts, mdCell(r.Code+": "+r.Message))
	}
	return texts
}
