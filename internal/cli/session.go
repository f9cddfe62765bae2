package cli

import (
	"context"
	"errors"
	"os"
	"os/user"
	"time"

	"github.com/spf13/cobra"

	"refundctl/internal/view"
	"refundctl/state"
)

// sessionFlags are those of every command that writes the ledger.
type sessionFlags struct {
	lockTimeout time.Duration
	actor       string
}

func (f *sessionFlags) flags(c *cobra.Command) {
	c.Flags().DurationVar(&f.lockTimeout, "lock-timeout", 0, "how long to wait for another run's lock")
	c.Flags().StringVar(&f.actor, "actor", "", "`who` sends, for the ledger (otherwise what CI or the system says)")
}

// locked runs do while this process alone holds the ledger, with the accounts bound to it.
func (a *app) locked(c *cobra.Command, w *work, f sessionFlags, do func(*state.Session) error) (err error) {
	s, err := a.session(c, w, f)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := w.admit(s.State()); err != nil {
		return err
	}
	if err := w.bind(c.Context(), s); err != nil {
		return err
	}
	return do(s)
}

// session locks the ledger and loads it.
func (a *app) session(c *cobra.Command, w *work, f sessionFlags) (*state.Session, error) {
	ledger, err := openLedger(w.project.statePath())
	if err != nil {
		return nil, err
	}
	actor, digest := a.actor(f.actor), ""
	if w.saved != nil {
		digest = w.saved.Digest
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	s, err := state.Open(c.Context(), ledger, state.Options{
		Clock:       a.Clock,
		LockTimeout: f.lockTimeout,
		Holder:      state.Holder{Actor: actor, Host: host, PID: os.Getpid(), Command: c.CommandPath()},
		Header:      state.Header{Actor: actor, Command: c.CommandPath(), Program: version(), Commit: a.commit(), PlanDigest: digest},
	})
	if err != nil {
		return nil, err
	}
	mode, err := ledger.Notices()
	if err == nil {
		err = view.Notices(a.Err, append(s.Notices(), mode...), a.errStyle())
	}
	return s, err
}

// bind ties the accounts to the ledger at their first use.
func (w *work) bind(ctx context.Context, s *state.Session) error {
	if err := w.bound(s.State()); err != nil {
		return err
	}
	for _, one := range w.accounts {
		if err := s.Bind(ctx, one.binding()); err != nil {
			return err
		}
	}
	return nil
}

// actor is who acts: the flag, else what CI tells, else the system's user.
func (a *app) actor(flag string) string {
	if who := firstOf(flag, a.Env("GITHUB_ACTOR"), a.Env("GITLAB_USER_LOGIN"), a.Env("BUILD_USER_ID")); who != "" {
		return who
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "unknown"
}

// commit is the commit that CI works on.
func (a *app) commit() string {
	return firstOf(a.Env("GITHUB_SHA"), a.Env("CI_COMMIT_SHA"), a.Env("GIT_COMMIT"))
}
