package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"refundctl/internal/durable"
	"refundctl/internal/refund"
	"refundctl/internal/view"
	"refundctl/plan"
	"refundctl/state"
)

// memoryName is the memory's file, from the project's folder.
const memoryName = ".refundctl/memory.json"

// clone is what this copy of the project remembers of the ledger that it worked with. It only makes
// commands more careful, so a missing or broken file counts as an empty one.
type clone struct {
	FormatVersion string   `json:"format_version"`
	Lineage       string   `json:"lineage,omitempty"` // of the project's ledger
	Heads         []string `json:"heads,omitempty"`   // the ends of runs that were seen in it; older ones are before them
	Runs          []string `json:"runs,omitempty"`    // runs that this clone made, each as runKey, the latest last
	Checked       []string `json:"checked,omitempty"` // settled refunds of other runs that the API confirmed, the latest last
}

// confirmed notes what a spot check of other runs' refunds showed.
func (m *clone) confirmed(found []plan.Checked) {
	for _, c := range found {
		if key := checkedKey(c.ID, c.By); !slices.Contains(m.Checked, key) {
			m.Checked = append(m.Checked, key)
		}
	}
	m.Checked = m.Checked[max(0, len(m.Checked)-mostChecked):]
}

// checkedKey is a refund as one run recorded it.
func checkedKey(id refund.Identity, by string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q %q", id.Account, id.Kind, id.ID, id.RefundID, by))
	return hex.EncodeToString(sum[:8])
}

// mostChecked bounds what a clone remembers of its spot checks.
const mostChecked = 10_000

// mostRuns bounds what a clone remembers of its own runs.
const mostRuns = 1000

// made notes a run of this clone, and the hash of the last event that it has recorded so far.
func (m *clone) made(run, end string) {
	if slices.Contains(m.Runs, runKey(run, end)) {
		return
	}
	m.Runs = slices.DeleteFunc(m.Runs, func(key string) bool { return strings.HasPrefix(key, runKey(run, "")) })
	m.Runs = append(m.Runs, runKey(run, end))
	m.Runs = m.Runs[max(0, len(m.Runs)-mostRuns):]
}

// runKey is a run as it ended. The chain has no key, so that anybody can go on with a run of this clone:
// it is this clone's no more then.
func runKey(run, end string) string { return run + " " + end }

// saw notes what the ledger holds. Heads that it lacks stay remembered: on a branch it may be an older
// one. Only a pin makes a ledger of another lineage the project's.
func (m *clone) saw(pinned string, st *state.State) {
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

// accepts makes the ledger the project's, whatever was seen before.
func (m *clone) accepts(lineage string, st *state.State) {
	m.Lineage, m.Heads = lineage, st.Heads()
}

// recall reads the memory of this clone.
func (p *project) recall() clone {
	var m clone
	text, err := readPlain(filepath.Join(p.root, filepath.FromSlash(memoryName)))
	if err != nil || json.Unmarshal(text, &m) != nil || m.FormatVersion != view.FormatVersion {
		return clone{}
	}
	return m
}

// remember changes the memory of this clone. A command never fails for it: a memory that cannot be
// written is a warning.
func (a *app) remember(p *project, change func(*clone)) {
	before, after := p.recall(), p.recall()
	change(&after)
	if reflect.DeepEqual(before, after) {
		return
	}
	after.FormatVersion = view.FormatVersion
	if err := p.keep(after); err != nil {
		_ = view.WarningText(a.Err, "cannot remember what this run saw of the ledger: "+err.Error(),
			"make .refundctl writable; otherwise a lost or rolled-back ledger may go unnoticed", a.errStyle())
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
