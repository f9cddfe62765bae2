package cli

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"refundctl/internal/durable"
	"refundctl/internal/refund"
	"refundctl/internal/view"
	"refundctl/plan"
	"refundctl/state"
)

// memoryName is the memory's file, from the project's folder.
const memoryName = ".refundctl/memory.json"

// clone is what this copy of the project remembers of its ledger. It only makes commands more careful, so a
// missing or broken file counts as an empty one.
type clone struct {
	FormatVersion string   `json:"format_version"`
	Lineage       string   `json:"lineage,omitempty"` // of the project's ledger
	Heads         []string `json:"heads,omitempty"`   // the last events of runs that it contained; they imply all earlier ones
	Runs          []string `json:"runs,omitempty"`    // runs of this clone, each as runKey, the latest last
	Checked       []string `json:"checked,omitempty"` // settled refunds of other runs that the API confirmed, the latest last

	Ends      map[string]ended `json:"ends,omitempty"`      // how the latest run of each command ended
	Rechecked map[string]int64 `json:"rechecked,omitempty"` // when a settled refund was last found at the API, in Unix seconds
}

// addRechecks remembers when settled refunds were found at the API. Of too many, it keeps the latest.
func (m *clone) addRechecks(found map[refund.Identity]time.Time) {
	all := maps.Clone(m.Rechecked)
	if all == nil {
		all = map[string]int64{}
	}
	for id, at := range found {
		all[checkedKey(id, "")] = at.Unix()
	}
	if extra := len(all) - maxRechecked; extra > 0 {
		keys := slices.SortedFunc(maps.Keys(all), func(a, b string) int { return cmp.Or(cmp.Compare(all[a], all[b]), cmp.Compare(a, b)) })
		for _, key := range keys[:extra] {
			delete(all, key)
		}
	}
	m.Rechecked = all
}

// maxRechecked is how many such times a clone remembers.
const maxRechecked = 10_000

// addChecked remembers the refunds of other runs that a spot check confirmed.
func (m *clone) addChecked(found []plan.Checked) {
	for _, c := range found {
		if key := checkedKey(c.ID, c.By); !slices.Contains(m.Checked, key) {
			m.Checked = append(m.Checked, key)
		}
	}
	m.Checked = m.Checked[max(0, len(m.Checked)-maxChecked):]
}

// checkedKey identifies a refund as one run recorded it.
func checkedKey(id refund.Identity, by string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q %q", id.Account, id.Kind, id.ID, id.RefundID, by))
	return hex.EncodeToString(sum[:8])
}

// maxChecked is how many confirmed refunds a clone remembers.
const maxChecked = 10_000

// maxRuns is how many of its own runs a clone remembers.
const maxRuns = 1000

// addRun remembers a run of this clone, and the hash of the last event that it has recorded so far.
func (m *clone) addRun(run, end string) {
	if slices.Contains(m.Runs, runKey(run, end)) {
		return
	}
	m.Runs = slices.DeleteFunc(m.Runs, func(key string) bool { return strings.HasPrefix(key, runKey(run, "")) })
	m.Runs = append(m.Runs, runKey(run, end))
	m.Runs = m.Runs[max(0, len(m.Runs)-maxRuns):]
}

// runKey identifies a run and its last event. The chain is not signed, so anybody can add events to a run of
// this clone; with another end, it no longer counts as this clone's.
func runKey(run, end string) string { return run + " " + end }

// addHeads remembers the heads of the ledger. Heads that it lacks stay remembered: on a branch, the ledger may be
// an older one. Only a pin makes a ledger of another lineage the project's.
func (m *clone) addHeads(pinned string, st *state.State) {
	lineage := firstOf(pinned, m.Lineage, st.Lineage())
	if lineage == "" || !st.HasLineage(lineage) {
		return
	}
	if m.Lineage != lineage {
		m.Lineage, m.Heads = lineage, nil
	}
	m.Heads = append(st.MissingHeads(m.Heads), st.Heads()...)
	slices.Sort(m.Heads)
}

// reset remembers this ledger as the project's, and forgets what was seen before.
func (m *clone) reset(lineage string, st *state.State) {
	m.Lineage, m.Heads = lineage, st.Heads()
}

// recall reads this clone's memory.
func (p *project) recall() clone {
	var m clone
	text, err := readPlain(filepath.Join(p.root, filepath.FromSlash(memoryName)))
	if err != nil || json.Unmarshal(text, &m) != nil || m.FormatVersion != view.FormatVersion {
		return clone{}
	}
	return m
}

// remember changes this clone's memory. A command never fails because of it: a memory that cannot be written
// is a warning.
func (a *app) remember(p *project, change func(*clone)) {
	before, after := p.recall(), p.recall()
	change(&after)
	if reflect.DeepEqual(before, after) {
		return
	}
	after.FormatVersion = view.FormatVersion
	if err := p.keep(after); err != nil {
		_ = a.warn("cannot remember what this run saw of the ledger: "+err.Error(),
			"make .refundctl writable; otherwise a lost or rolled-back ledger may go unnoticed")
	}
}

func (p *project) keep(m clone) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(p.root, filepath.FromSlash(memoryName))
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return durable.Replace(path, append(text, '\n'))
}
