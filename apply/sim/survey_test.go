package sim

import (
	"fmt"
	"os"
	"sort"
	"testing"
)

func TestSurvey(t *testing.T) {
	if os.Getenv("SURVEY") == "" {
		return
	}
	m := map[string][]uint64{}
	ex := map[string]string{}
	for s := *first; s < *first+*seeds; s++ {
		w := imagine(s)
		done := map[string]bool{}
		for _, v := range play(t, w, t.TempDir(), nil) {
			k := fmt.Sprintf("bare=%t %s", w.bare, v.rule)
			if !done[k] {
				m[k] = append(m[k], s)
				done[k] = true
			}
			if ex[k] == "" {
				ex[k] = v.text
			}
		}
	}
	var ks []string
	for k := range m {
		ks = append(ks, k)
	}
	sort.Strings(ks)
	for _, k := range ks {
		l := m[k]
		n := len(l)
		if n > 12 {
			l = l[:12]
		}
		t.Logf("%s: %d %v e.g. %s", k, n, l, ex[k])
	}
}
