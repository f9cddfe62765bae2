package view

import (
	"fmt"
	"slices"
	"strings"
)

// UnifiedDiff is how after differs from before, as diff -u writes it: patch makes after of before with
// it. It is empty where the two are the same. Its time grows with the texts alone, for which it is not
// always the shortest one.
func UnifiedDiff(name string, before, after []byte) string {
	if string(before) == string(after) {
		return ""
	}
	lines := compared(slices.Collect(strings.Lines(string(before))), slices.Collect(strings.Lines(string(after))))
	var b strings.Builder
	fmt.Fprintf(&b, "--- a/%s\n+++ b/%s\n", name, name)
	at := pair{1, 1} // the line numbers of the first of lines
	for len(lines) > 0 {
		skipped := near(lines)
		at = pair{at.x + skipped, at.y + skipped}
		lines = lines[skipped:]
		if n := hunk(lines); n > 0 {
			at = writeHunk(&b, lines[:n], at)
			lines = lines[n:]
		}
	}
	return b.String()
}

// around is how many lines that stay are shown before and after those that change.
const around = 3

// signed is a line of one text (- or +) or of both (a blank), with its end.
type signed struct {
	sign byte
	text string
}

func changes(l signed) bool { return l.sign != ' ' }

// near is how many lines come before those that the next hunk shows.
func near(lines []signed) int {
	i := slices.IndexFunc(lines, changes)
	if i < 0 {
		return len(lines)
	}
	return max(0, i-around)
}

// hunk is how many lines belong to the hunk that begins with the first.
func hunk(lines []signed) int {
	last := -1
	for i, l := range lines {
		switch {
		case changes(l):
			last = i
		case last >= 0 && i-last > 2*around:
			return last + around + 1
		}
	}
	if last < 0 {
		return 0
	}
	return min(last+around+1, len(lines))
}

// writeHunk returns the line numbers behind it.
func writeHunk(b *strings.Builder, lines []signed, at pair) pair {
	var n pair
	for _, l := range lines {
		if l.sign != '+' {
			n.x++
		}
		if l.sign != '-' {
			n.y++
		}
	}
	fmt.Fprintf(b, "@@ -%s +%s @@\n", span(at.x, n.x), span(at.y, n.y))
	for _, l := range lines {
		b.WriteByte(l.sign)
		b.WriteString(l.text)
		if !strings.HasSuffix(l.text, "\n") {
			b.WriteString("\n\\ No newline at end of file\n")
		}
	}
	return pair{at.x + n.x, at.y + n.y}
}

// span is where n lines begin. Of none it is the line before them.
func span(first, n int) string {
	if n == 0 {
		first--
	}
	if n == 1 {
		return fmt.Sprint(first)
	}
	return fmt.Sprintf("%d,%d", first, n)
}

// compared holds all lines of both texts, side by side where they are the same.
func compared(x, y []string) []signed {
	lines := make([]signed, 0, max(len(x), len(y)))
	add := func(sign byte, texts []string) {
		for _, text := range texts {
			lines = append(lines, signed{sign, text})
		}
	}
	var done pair
	for _, same := range append(anchors(x, y), pair{len(x), len(y)}) {
		if same.x < done.x || same.y < done.y {
			continue // those before it reached so far
		}
		first := same
		for first.x > done.x && first.y > done.y && x[first.x-1] == y[first.y-1] {
			first = pair{first.x - 1, first.y - 1}
		}
		add('-', x[done.x:first.x])
		add('+', y[done.y:first.y])
		for same.x < len(x) && same.y < len(y) && x[same.x] == y[same.y] {
			same = pair{same.x + 1, same.y + 1}
		}
		add(' ', x[first.x:same.x])
		done = same
	}
	return lines
}

// pair is a line of one text and a line of another, by their indexes.
type pair struct{ x, y int }

// anchors are lines that each text has once: as many of them as come in the same order in both.
func anchors(x, y []string) []pair {
	once := map[string]int{} // the index in y; -1 where it is there twice
	for i, text := range y {
		if _, twice := once[text]; twice {
			i = -1
		}
		once[text] = i
	}
	seen := map[string]int{}
	for _, text := range x {
		seen[text]++
	}
	var common []pair
	for i, text := range x {
		if j, there := once[text]; there && j >= 0 && seen[text] == 1 {
			common = append(common, pair{i, j})
		}
	}
	return longestRising(common)
}

// longestRising is a longest part of pairs, which rise in x, that rises in y too.
func longestRising(pairs []pair) []pair {
	var ends []int // the pair that ends the best part of each length
	before := make([]int, len(pairs))
	for i, p := range pairs {
		n, _ := slices.BinarySearchFunc(ends, p.y, func(end, y int) int { return pairs[end].y - y })
		if before[i] = -1; n > 0 {
			before[i] = ends[n-1]
		}
		if n == len(ends) {
			ends = append(ends, i)
		}
		ends[n] = i
	}
	if len(ends) == 0 {
		return nil
	}
	rising := make([]pair, len(ends))
	for i, at := len(ends)-1, ends[len(ends)-1]; i >= 0; i, at = i-1, before[at] {
		rising[i] = pairs[at]
	}
	return rising
}
