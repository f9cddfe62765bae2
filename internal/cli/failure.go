package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"syscall"

	"refundctl/internal/durable"
	"refundctl/internal/edit"
	"refundctl/internal/refund"
	"refundctl/internal/task"
	"refundctl/internal/view"
	"refundctl/plan"
	"refundctl/state"
	"refundctl/state/local"
)

// failure ends a command: the exit code, a sentence, and a hint about what to do.
type failure struct {
	code    Exit
	message string
	hint    string
	silent  bool // everything was printed already

	requestID string // x-request-id of the API's answer that it comes from

	crash *task.Crash // what panicked; nil if nothing did
}

// Error returns the sentence.
func (f *failure) Error() string { return f.message }

func fail(code Exit, hint, format string, args ...any) *failure {
	return &failure{code: code, hint: hint, message: fmt.Sprintf(format, args...)}
}

// quit ends a command whose output says everything.
func quit(code Exit) error {
	if code == ExitOK {
		return nil
	}
	return &failure{code: code, silent: true}
}

// quitWith is quit for a command that may also have failed. It exits with the worse of the two codes: a failed
// write to the output must not hide a refund in doubt.
func quitWith(err error, code Exit) error {
	if err == nil {
		return quit(code)
	}
	failed := *explain(err)
	failed.code = worst(failed.code, code)
	return &failed
}

// codeOf returns the exit code of an error; ExitOK for none.
func codeOf(err error) Exit {
	if err == nil {
		return ExitOK
	}
	return explain(err).code
}

// explain turns any error into the failure that is printed. It is the one place where typed errors of lower
// packages get their exit codes and hints.
func explain(err error) *failure {
	var f *failure
	var locked *state.LockedError
	var damage *state.DamageError
	var behind *state.ClockBehindError
	var file *plan.FileError
	var unlockable *local.NoLocksError
	var disk *local.Error
	var edited *edit.Refusal
	var badSheet *edit.SheetError
	var crash *task.Crash
	switch {
	case errors.As(err, &f):
		return f
	case errors.As(err, &crash):
		return &failure{code: ExitError, message: crash.Error(), hint: crashHint, crash: crash}
	case errors.As(err, &edited):
		return refusalFailure(edited)
	case errors.As(err, &badSheet):
		return fail(ExitInvalid, "name a CSV file, or - for stdin", "%v", err)
	case errors.As(err, &locked):
		return fail(ExitLocked, "wait for it, or use --lock-timeout 5m; the lock ends with its process, so never delete the file", "%s", heldBy(locked))
	case errors.As(err, &damage) && damage.Kind == state.Unmerged:
		return fail(ExitError, "nothing was sent; get both versions from Git and merge them: refundctl state merge OURS THEIRS --output FILE", "%v", err)
	case errors.As(err, &damage) && damage.Kind == state.Newer:
		return fail(ExitError, "nothing was sent; install the newer refundctl that wrote it (see refundctl version)", "%v", err)
	case errors.As(err, &damage):
		return fail(ExitError, "nothing was sent; restore the ledger from version control or a backup, then run refundctl state verify; if there is no copy, move the file away and accept the loss with refundctl state pin --new --reason TEXT", "%v", err)
	case errors.As(err, &behind):
		return fail(ExitError, "nothing was sent; this clock is slow, or the ledger has a run dated in the future: refundctl state verify shows which, and what to do", "%v", err)
	case errors.As(err, &file):
		return fail(ExitPlan, planHints[file.Why], "%v", err)
	case errors.As(err, &unlockable):
		return fail(ExitError, "nothing was sent; docs/how-to/moving-a-state.md lists which shared disks have locks",
			"the file system of %s does not support locks: keep the ledger on a local disk, or mount it with locks", filepath.Base(unlockable.Path))
	case errors.As(err, &disk):
		return fail(ExitError, diskHint(err), "%v", err)
	case errors.Is(err, errInterrupted), errors.Is(err, context.Canceled):
		return fail(ExitInterrupted, "run it again to continue", "interrupted")
	}
	return ofRead(err)
}

// ofRead is explain for the errors of reads, and for all errors that have no code of their own.
func ofRead(err error) *failure {
	code, hint := ExitError, ""
	switch class := refund.ReadClassOf(err); {
	case refund.ReadOfRefusedAddress(err):
		code, hint = ExitCredentials, view.AllowAddress
	case class == refund.Credentials:
		code, hint = ExitCredentials, "check the credential variables, and that they belong to this environment"
	case class == refund.Throttled, class == refund.Unreachable:
		code, hint = ExitUnreachable, "nothing was sent; try again when the API can be reached"
	}
	f := fail(code, hint, "%v", err)
	f.requestID = refund.RequestID(err)
	return f
}

// heldBy says who holds the lock and since when, in the time zone of all other output.
func heldBy(e *state.LockedError) string {
	h := e.Holder
	if h == (state.Holder{}) {
		return e.Error()
	}
	return fmt.Sprintf("the ledger is locked by %s on %s (process %d) since %s: %s", h.Actor, h.Host, h.PID, view.Time(h.Since), h.Command)
}

// diskHint returns what to do about a ledger that cannot be read or written. A refund that was sent and
// could not be recorded is in doubt for the next run, which reads it back.
func diskHint(err error) string {
	const then = "; then run refundctl recover, which reads back what could not be recorded"
	is := func(reasons ...syscall.Errno) bool {
		return slices.ContainsFunc(reasons, func(r syscall.Errno) bool { return errors.Is(err, r) })
	}
	switch {
	case is(syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG):
		return "free some space" + then
	case is(syscall.EACCES, syscall.EPERM):
		return "you need read and write access to it and its folder: see their owner and mode, or choose another file with state: or --state"
	case is(syscall.EROFS):
		return "its file system is mounted read-only: mount it read-write, or choose another file with state: or --state"
	case errors.Is(err, durable.ErrLink), errors.Is(err, local.ErrSecondName):
		return "nothing was sent or written; find out who put it there, delete it, and run the command again"
	case is(syscall.ENOENT, syscall.ENOTDIR, syscall.EISDIR), errors.Is(err, durable.ErrNotRegular):
		return "see state: in refundctl.yaml, or use --state"
	case errors.Is(err, durable.ErrChanged):
		return "find out what writes it (a checkout, a sync client) and restore what is missing; see refundctl state verify" + then
	}
	return "the disk or its connection fails: repair it; see refundctl state verify" + then
}

// crashHint is the next step after a crash, whatever it interrupted.
const crashHint = "run refundctl recover, which reads back what was in flight; nothing is sent twice; then please report this message and refundctl version"

var errInterrupted = errors.New("interrupted")
