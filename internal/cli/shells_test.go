package cli_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// shellNames are the shells that run their completion script here, each with a program that loads the script and
// prints the proposals for $LINE.
var shellNames = map[string]string{
	"bash": `
. /usr/share/bash-completion/bash_completion
. "$SCRIPT"
COMP_LINE=$LINE COMP_POINT=${#LINE} COMP_TYPE=9 COMP_KEY=9
read -ra COMP_WORDS <<<"$LINE"
case $LINE in *' ') COMP_WORDS+=('') ;; esac
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
compopt() { :; }
__start_refundctl refundctl "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\n' "${COMPREPLY[@]}"`,
	"zsh": `
compdef() { :; }
_describe() { print -rl -- "${(@)completions//\\:/:}"; }
_arguments() { print -r -- "$@"; }
. "$SCRIPT"
words=("${(@s: :)LINE}") CURRENT=${#words}
_refundctl`,
	"fish": `
source $SCRIPT
complete -C $LINE`,
}

// shell finds a shell. If it is missing, the test fails in CI, and logs that elsewhere.
func shell(t *testing.T, name string) {
	t.Helper()
	_, err := exec.LookPath(name)
	if err == nil && name == "bash" {
		_, err = os.Stat("/usr/share/bash-completion/bash_completion")
	}
	if err == nil {
		return
	}
	if os.Getenv("CI") != "" {
		t.Fatal(err)
	}
	t.Skipf("NOT RUN: completion was not tried in %s: %v", name, err)
}

func TestTheShellsCompleteIDsWithWhatTheyAre(t *testing.T) {
	for name, program := range shellNames {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shell(t, name)
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS("../../examples/quickstart")); err != nil {
				t.Fatal(err)
			}
			script, err := exec.Command("refundctl", "completion", name).Output()
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(dir, "script")
			if err := os.WriteFile(file, script, 0o600); err != nil {
				t.Fatal(err)
			}
			for line, want := range map[string]string{
				"refundctl expl":                              "explain",
				"refundctl explain refund_m":                  "refund_monsoon_041_damage",
				"refundctl explain ":                          "₹1,149.75",
				"refundctl plan --target order_monsoon_041,o": "order_monsoon_041,order_summer_fashion_002",
				"refundctl plan --refresh ":                   "none",
				"refundctl recover --resolve refund_17=n":     "not-sent",
				"refundctl recover --resolve=refund_17=n":     "not-sent",
			} {
				sh := exec.Command(name, "-c", program)
				sh.Dir = dir
				sh.Env = append(os.Environ(), "LINE="+line, "SCRIPT="+file, "COLUMNS=200", "HOME="+dir)
				var errs bytes.Buffer
				sh.Stderr = &errs
				out, err := sh.Output()
				if err != nil || !strings.Contains(string(out), want) || errs.Len() > 0 {
					t.Errorf("%s proposes for %q:\n%s%s(%v), and not %q", name, line, out, &errs, err, want)
				}
			}
		})
	}
}
