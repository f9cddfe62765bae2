package cli

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"refundctl/internal/diag"
	"refundctl/internal/durable"
	"refundctl/internal/refund"
	"refundctl/internal/view"
	"refundctl/schema"
	"refundctl/state"
	"refundctl/state/local"
)

func (a *app) stateCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "state",
		Short: "Inspect and maintain the ledger",
		Long: `The ledger remembers what was sent and what happened to it. These commands read
it; only merge, pin, rebind and accept-time also write one. Only rebind needs
credentials.`,
		Example: `  refundctl state list
  refundctl state history refund_17`,
		Args: unknownCommand,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.stateListCommand(), a.stateShowCommand(), a.stateHistoryCommand(), a.stateVerifyCommand(), a.stateMergeCommand(), a.statePinCommand(), a.stateRebindCommand(), a.stateAcceptTimeCommand())
	return c
}

// stateRead makes c a command that reads the ledger and prints.
func (a *app) stateRead(c *cobra.Command, run func(ctx context.Context, l projectLedger, args []string, asJSON bool) error) *cobra.Command {
	var s settings
	var asJSON bool
	s.stateFlag(c)
	jsonFlag(c, &asJSON)
	c.RunE = func(c *cobra.Command, args []string) error {
		p, err := a.projectOf(s)
		if err != nil {
			return err
		}
		path := s.state
		if path == "" {
			path = p.statePath()
		}
		l, err := a.existingLedger(p, path)
		if err != nil {
			return err
		}
		return run(c.Context(), projectLedger{l, p}, args, asJSON)
	}
	return c
}

// projectLedger is an existing ledger and its project, which may be nil.
type projectLedger struct {
	*local.Ledger
	project *project
}

// projectOf returns the current project. It may be nil if the command names its ledger.
func (a *app) projectOf(s settings) (*project, error) {
	if s.state == "" {
		return a.project(s)
	}
	file, err := a.findConfig()
	if err != nil {
		return nil, nil
	}
	config, problems, err := schema.LoadConfig(file)
	if err != nil || diag.HasError(problems) {
		return nil, nil
	}
	p := &project{Config: config, root: filepath.Dir(file), file: file, written: config}
	return p, p.override(settings{state: s.state}, "")
}

func openLedger(path string) (*local.Ledger, error) {
	return local.NewOn(crashingDisk(durable.System{}), path)
}

func (a *app) stateListCommand() *cobra.Command {
	return a.stateRead(&cobra.Command{
		Use: "list", Short: "List all refunds in the ledger", Args: argsBetween(0, 0),
		Example: "  refundctl state list --json",
	}, func(ctx context.Context, l projectLedger, _ []string, asJSON bool) error {
		st, err := a.load(ctx, l)
		if err != nil {
			return err
		}
		entries := filterEntries(st.Entries(), a.ofAccount)
		if asJSON {
			return view.StateListJSON(a.Out, entries)
		}
		return view.StateList(a.Out, entries, a.outStyle())
	})
}

// ofAccount reports whether a refund is of the account of --account.
func (a *app) ofAccount(e state.Entry) bool { return a.account == "" || a.account == e.AccountName }

// notice prints what is unusual about a ledger that can be read.
func (a *app) notice(l *local.Ledger, st *state.State, notices []state.Notice) error {
	mode, err := l.Notices()
	if err != nil {
		return err
	}
	return a.notices(slices.Concat(notices, a.fromTheFuture(st), mode))
}

// fromTheFuture returns the notices about runs that stop every command that takes the ledger's lock.
func (a *app) fromTheFuture(st *state.State) []state.Notice {
	return slices.DeleteFunc(st.RunsAhead(a.Clock()), func(n state.Notice) bool { return n.Kind != state.FromTheFuture })
}

func (a *app) stateShowCommand() *cobra.Command {
	return a.stateRead(&cobra.Command{
		Use: "show REFUND_ID", Short: "Show all that the ledger knows about a refund", Args: argsBetween(1, 1),
		ValidArgsFunction: first(a.completeRemembered),
		Example:           "  refundctl state show refund_17",
	}, func(ctx context.Context, l projectLedger, args []string, asJSON bool) error {
		found := state.NewHistories(func(of refund.Identity) bool { return of.RefundID == args[0] })
		st, err := a.replay(ctx, l, found.Begin)
		if err != nil {
			return err
		}
		entries := filterEntries(st.Entries(), func(e state.Entry) bool { return e.ID.RefundID == args[0] && a.ofAccount(e) })
		events := a.eventsOfAccount(found.Events(args[0]))
		switch {
		case len(entries) == 0:
			return a.unknownID(ctx, l.project, args[0], known{ledger: st})
		case asJSON:
			return view.StateShowJSON(a.Out, entries, events)
		}
		return view.StateShow(a.Out, entries, events, a.outStyle())
	})
}

func (a *app) stateHistoryCommand() *cobra.Command {
	return a.stateRead(&cobra.Command{
		Use: "history REFUND_ID", Short: "Show every event of a refund", Args: argsBetween(1, 1),
		ValidArgsFunction: first(a.completeRemembered),
		Example:           "  refundctl state history refund_17",
	}, func(ctx context.Context, l projectLedger, args []string, asJSON bool) error {
		st, err := a.load(ctx, l)
		if err != nil {
			return err
		}
		records, err := a.history(ctx, l.Ledger, args[0])
		switch {
		case err != nil:
			return err
		case len(records) == 0:
			return a.unknownID(ctx, l.project, args[0], known{ledger: st})
		case asJSON:
			return view.HistoryJSON(a.Out, records)
		}
		return view.History(a.Out, records, a.outStyle())
	})
}

// history returns the events of a refund_id in the account of --account.
func (a *app) history(ctx context.Context, l *local.Ledger, id string) ([]state.HistoryEvent, error) {
	r, err := l.Read(ctx)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	events, err := state.History(ctx, r, id)
	return a.eventsOfAccount(events), err
}

// eventsOfAccount keeps the events of --account.
func (a *app) eventsOfAccount(events []state.HistoryEvent) []state.HistoryEvent {
	return slices.DeleteFunc(events, func(e state.HistoryEvent) bool {
		name, _ := e.Account()
		return a.account != "" && a.account != name
	})
}

func (a *app) stateVerifyCommand() *cobra.Command {
	return a.stateRead(&cobra.Command{
		Use: "verify", Short: "Check every line and chain of the ledger", Args: argsBetween(0, 0),
		Example: "  refundctl state verify --state refunds.state.jsonl",
	}, func(ctx context.Context, l projectLedger, _ []string, asJSON bool) error {
		r, err := l.Read(ctx)
		if err != nil {
			return err
		}
		defer r.Close()
		report, err := state.Verify(ctx, r, a.Clock())
		if err != nil {
			return err
		}
		if err := a.remarkVerified(ctx, l); err != nil {
			return err
		}
		if asJSON {
			return errors.Join(view.VerifiedJSON(a.Out, report), futureRunFailure(report))
		}
		return errors.Join(view.Verified(a.Out, report, a.outStyle()), futureRunFailure(report))
	})
}

// remarkVerified warns if an undamaged ledger is not the expected one.
func (a *app) remarkVerified(ctx context.Context, l projectLedger) error {
	st, _, err := state.Load(ctx, l)
	if err == nil && l.project != nil {
		a.warnOfLedger(l.project, st)
	}
	return err
}

func (a *app) stateMergeCommand() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use: "merge A B", Short: "Join two copies of a ledger", Args: argsBetween(2, 2),
		Long: `Writes the runs of both ledgers to stdout or to a new file. Both are checked
completely first. The order of A and B does not matter.`,
		Example:           "  refundctl state merge ours.jsonl theirs.jsonl --output merged.jsonl",
		ValidArgsFunction: completeFiles("jsonl"),
		RunE: func(c *cobra.Command, args []string) error {
			return a.mergeStates(c.Context(), args[0], args[1], out)
		},
	}
	c.Flags().StringVarP(&out, "output", "o", "", "write to this new `file`, with mode 0600, instead of stdout")
	return c
}

func (a *app) mergeStates(ctx context.Context, first, second, out string) error {
	var files [2]*os.File
	for i, name := range []string{first, second} {
		f, err := os.Open(name)
		if err != nil {
			return fail(ExitInvalid, "name two existing ledgers", "%v", err)
		}
		defer f.Close()
		files[i] = f
	}
	var merged bytes.Buffer
	notices, err := state.Merge(ctx, files[0], files[1], &merged)
	if err == nil {
		err = a.notices(notices)
	}
	if err != nil {
		return err
	}
	if out == "" {
		_, err := a.Out.Write(merged.Bytes())
		return err
	}
	switch err := durable.CreateAt(out, merged.Bytes(), 0o600); {
	case errors.Is(err, fs.ErrExist), errors.Is(err, fs.ErrNotExist):
		return fail(ExitError, "name a file that does not exist yet, in a folder that does", "%v", err)
	case err != nil:
		return fail(ExitError, "check the owner, mode and free space of its folder, or name another file", "%v", err)
	}
	return nil
}
