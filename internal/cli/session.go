package cli

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/spf13/cobra"

	"refundctl/state"
)

// sessionFlags are the flags of every command that writes the ledger.
type sessionFlags struct {
	lockTimeout time.Duration
	actor       string
	approvers   list

	accepting bool // the run accepts times from the future; not a flag
}

func (f *sessionFlags) flags(c *cobra.Command) {
	c.Flags().DurationVar(&f.lockTimeout, "lock-timeout", 0, "how long to wait for another run's lock")
	c.Flags().StringVar(&f.actor, "actor", "", "`who` runs this, for the ledger (default: what CI or the system reports)")
	c.Flags().Var(&f.approvers, "approved-by", "`who` approved what is sent, for the ledger"+asList)
}

// reading reads the files that a command uses. It runs under the lock, so that nothing is sent because of what a
// file said before another run finished (R20).
type reading func(context.Context) (*work, error)

// withLedger runs do while this process alone holds the ledger, with the accounts bound to it.
func (a *app) withLedger(c *cobra.Command, at settings, f sessionFlags, read reading, do func(*work, *state.Session) error) error {
	return a.withLock(c, at, f, read, func(w *work, s *state.Session) error {
		begins := s.State().Lineage() == ""
		if w.equip != nil {
			if err := w.equip(s.State()); err != nil {
				return err
			}
		}
		if err := w.bind(c.Context(), s); err != nil {
			return err
		}
		a.rememberRun(w.project, s) // before anything is sent, so that a killed run is remembered too
		err := do(w, s)
		if begins && err == nil && w.project.Lineage == "" {
			_ = a.note("%s", a.copied("This run created the ledger: commit it, and pin it with refundctl state pin."))
		}
		return err
	})
}

// withLock is withLedger without binding: the ledger may know the accounts as another merchant's.
func (a *app) withLock(c *cobra.Command, at settings, f sessionFlags, read reading, do func(*work, *state.Session) error) (err error) {
	p, err := a.readProject(at)
	if err != nil {
		return err
	}
	if err := p.checkBeforeLock(c.Context(), read); err != nil {
		return err
	}
	var w *work
	defer func() { w.close() }()
	s, err := a.session(c, p, f, func(ctx context.Context) (found *work, err error) {
		if found, err = read(ctx); found != nil {
			w = found
		}
		if err == nil && w.project.statePath() != p.statePath() {
			err = fail(ExitError, "run it again", "nothing was sent: the configuration named another ledger while this run waited for the lock")
		}
		return found, err
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.UsePlaces(c.Context(), w.places(s.State())); err != nil {
		return err
	}
	if err := w.checkPlanFile(s.State()); err != nil {
		return err
	}
	if err := w.checkLedger(s.State()); err != nil {
		return err
	}
	defer a.rememberRun(w.project, s)
	return do(w, s)
}

// rememberRun adds the ledger's heads and this run to this clone's memory.
func (a *app) rememberRun(p *project, s *state.Session) {
	a.remember(p, func(m *clone) {
		m.addHeads(p.Lineage, s.State())
		if s.State().HasRun(s.Run()) {
			m.addRun(s.Run(), s.State().LastHash(s.Run()))
			a.wrote = wrote{p, s.State().CommandOf(s.Run()), s.Run()}
		}
	})
}

// session locks the project's ledger, reads what the command uses, and loads the ledger.
func (a *app) session(c *cobra.Command, p *project, f sessionFlags, read reading) (*state.Session, error) {
	ledger, err := p.openLedger()
	if err != nil {
		return nil, err
	}
	header := a.header(c, f)
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	s, err := state.Open(c.Context(), ledger, state.Options{
		Clock:       a.Clock,
		LockTimeout: f.lockTimeout,
		Waiting:     a.waitsForLock,
		Holder:      state.Holder{Actor: header.Actor, Host: host, PID: os.Getpid(), Command: header.Command},
		Decide: func(ctx context.Context) (state.Header, error) {
			w, err := read(ctx)
			header.PlanDigest, header.WithoutManifests = w.planDigest(), w.forgone()
			if w != nil {
				w.accepts.into(&header)
			}
			return header, err
		},
		Accepting: f.accepting,
	})
	if err != nil {
		return nil, err
	}
	mode, err := ledger.Notices()
	if err == nil {
		err = a.notices(append(s.Notices(), mode...))
	}
	return s, err
}

// bind binds the accounts to the ledger at their first use, and the run to their addresses.
func (w *work) bind(ctx context.Context, s *state.Session) error {
	if err := w.checkBindings(s.State()); err != nil {
		return err
	}
	if err := s.UsePlaces(ctx, w.places(s.State())); err != nil {
		return err
	}
	for _, one := range w.accounts {
		if err := s.Bind(ctx, one.binding()); err != nil {
			return err
		}
	}
	return nil
}
