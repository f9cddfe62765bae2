package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// Exit is a process exit code. The table below is the only place with the meanings of the numbers; help and
// README come from it.
type Exit int

// The exit codes.
const (
	ExitOK          Exit = 0
	ExitError       Exit = 1
	ExitChanges     Exit = 2
	ExitInvalid     Exit = 3
	ExitPerson      Exit = 4
	ExitPartial     Exit = 5
	ExitInDoubt     Exit = 6
	ExitPlan        Exit = 7
	ExitLocked      Exit = 8
	ExitDeclined    Exit = 9
	ExitCredentials Exit = 10
	ExitUnreachable Exit = 11
	ExitDeadline    Exit = 12
	ExitInterrupted Exit = 130
)

// exitRow is one line of the table. If several codes apply, the one with the lowest rank counts. A code of rank 0
// ends a command early and is never combined. Rank 7 is free.
type exitRow struct {
	Code    Exit
	Class   string
	Meaning string
	Money   string
	rank    int
}

var exitTable = []exitRow{
	{ExitOK, "ok", "done, or nothing to do", "as printed", 11},
	{ExitError, "error", "any other error, including a crash", "as printed", 5},
	{ExitChanges, "changes", "changes are present (plan or diff-plans --detailed-exitcode, fmt --check), or differences (reconcile); with a Go trace on stderr, a crash", "no", 10},
	{ExitInvalid, "invalid", "a manifest, the configuration, a flag or an argument is invalid", "no", 0},
	{ExitPerson, "needs_person", "a conflict, a blocked row, or a failed one that nothing supersedes: a person decides", "as printed", 8},
	{ExitPartial, "partial", "a refund was refused, or left unsent for an external reason", "as printed", 4},
	{ExitInDoubt, "in_doubt", "at least one outcome is unknown; refundctl recover resolves it", "unknown", 1},
	{ExitPlan, "plan_refused", "the saved plan is altered, expired, used, overtaken or foreign", "no", 0},
	{ExitLocked, "locked", "another run holds the lock", "no", 0},
	{ExitDeclined, "declined", "declined, or no terminal to ask at", "no", 0},
	{ExitCredentials, "credentials", "credentials refused or incomplete, host not allowed, or account mismatch", "as printed", 2},
	{ExitUnreachable, "unreachable", "nothing could be read or sent: network or rate limit", "no", 6},
	{ExitDeadline, "deadline", "the deadline passed before everything was settled (follow)", "earlier", 9},
	{ExitInterrupted, "interrupted", "interrupted; answers in flight were recorded", "as printed", 3},
}

// crashNote describes the crashes that no program can catch. They end with the runtime's own exit code.
const crashNote = `Exit code 2 with a Go trace on stderr ("fatal error:", "goroutine 1 [running]:") is a crash, for example because memory or threads ran out. The answers in flight were not recorded: run refundctl recover, which reads them back, then run the command again.`

func exitInfo(code Exit) exitRow {
	i := slices.IndexFunc(exitTable, func(r exitRow) bool { return r.Code == code })
	return exitTable[max(i, 0)]
}

// worst returns the code that counts if several apply.
func worst(codes ...Exit) Exit {
	return slices.MinFunc(append(codes, ExitOK), func(a, b Exit) int {
		return cmp.Compare(exitInfo(a).rank, exitInfo(b).rank)
	})
}

// precedence returns the codes that can apply together, the one that counts first.
func precedence() string {
	ranked := slices.DeleteFunc(slices.Clone(exitTable), func(r exitRow) bool { return r.rank == 0 })
	slices.SortFunc(ranked, func(a, b exitRow) int { return cmp.Compare(a.rank, b.rank) })
	var codes []string
	for _, r := range ranked {
		codes = append(codes, strconv.Itoa(int(r.Code)))
	}
	return strings.Join(codes, ", ")
}

// exitCodesTopic is `help exit-codes`.
func (a *app) exitCodesTopic() *cobra.Command {
	return &cobra.Command{Use: "exit-codes", Short: "What each exit code means", Long: exitCodesText()}
}

func exitCodesText() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-5s %-13s %-13s %s\n", "code", "class", "money moved?", "meaning")
	for _, r := range exitTable {
		fmt.Fprintf(&b, "%-5d %-13s %-13s %s\n", r.Code, r.Class, r.Money, folded(r.Meaning, 34))
	}
	fmt.Fprintf(&b, "\nIf several apply, the first of these counts: %s.\n\n%s", precedence(), folded(crashNote, 0))
	return b.String()
}
