package cli

import (
	"context"
	"maps"
	"slices"

	"refundctl/internal/view"
	"refundctl/plan"
	"refundctl/schema"
	"refundctl/state"
)

// lastRuns returns the latest run of each command in the ledger, with its exit code if this clone made it.
func (p *project) lastRuns(st *state.State) []view.LastRun {
	last := map[string]state.Run{}
	for _, run := range st.Runs() {
		if name := run.Header.Command; name != "" && !run.At.Before(last[name].At) {
			last[name] = run
		}
	}
	ends := p.recall().Ends
	var all []view.LastRun
	for _, name := range slices.Sorted(maps.Keys(last)) {
		end, known := ends[name]
		all = append(all, view.LastRun{Command: name, At: last[name].At, Code: end.Code, Known: known && end.Run == last[name].ID})
	}
	return all
}

// ended is how a run of this clone ended.
type ended struct {
	Run  string `json:"run"`
	Code int    `json:"exit_code"`
}

// wrote is the latest run of this process that wrote to the ledger.
type wrote struct {
	project      *project
	command, run string
}

// rememberEnd remembers the exit code of a run that wrote to the ledger.
func (a *app) rememberEnd(code Exit) {
	if w := a.wrote; w.project != nil {
		a.remember(w.project, func(m *clone) {
			ends := maps.Clone(m.Ends)
			if ends == nil {
				ends = map[string]ended{}
			}
			ends[w.command] = ended{w.run, int(code)}
			m.Ends = ends
		})
	}
}

// unsent returns what the manifests ask for and was not sent. Manifests with errors count as far as they can be
// read.
func (a *app) unsent(ctx context.Context, p *project, st *state.State) []plan.Unsent {
	loaded, err := schema.Load(context.WithoutCancel(ctx), p.Manifests, schema.Options{Root: p.root, Accounts: p.Known()})
	if err != nil {
		return nil
	}
	return plan.UnsentOf(loaded.Specs, st, p.fingerprints(st), environmentsOf(p.Config))
}
