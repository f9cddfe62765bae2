package diag

import "strings"

// Nearest returns the known word that was probably meant: at most a quarter of its letters differ. It is
// empty if there is none, or if two are equally near.
func Nearest(word string, known []string) string {
	const longest = 60
	if len(word) > longest {
		return ""
	}
	best, least := "", 1000
	for _, k := range known {
		switch d := distance(strings.ToLower(word), strings.ToLower(k)); {
		case d > least || d > max(1, len(k)/4):
		case d == least:
			best = ""
		default:
			best, least = k, d
		}
	}
	return best
}

// distance counts the letters to insert, delete, change or swap with a neighbour to get from a to b.
func distance(a, b string) int {
	before, last, row := []int(nil), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := last[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			row[j] = min(last[j]+1, row[j-1]+1, change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, make([]int, len(b)+1)
	}
	return last[len(b)]
}
