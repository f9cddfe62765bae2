package cli

import (
	"bytes"
	"strings"
	"testing"
)

func TestTheActorIsAPersonOnOneLine(t *testing.T) {
	for name, c := range map[string]struct {
		flag string
		env  map[string]string
		want string
	}{
		"flag":          {"meera", map[string]string{"GITHUB_ACTOR": "ravi"}, "meera"},
		"CI":            {"", map[string]string{"GITHUB_ACTOR": "ravi", "USER": "runner"}, "ravi"},
		"who ran again": {"", map[string]string{"GITHUB_TRIGGERING_ACTOR": "asha", "GITHUB_ACTOR": "ravi"}, "asha"},
		"line end":      {"", map[string]string{"GITLAB_USER_LOGIN": "ravi\nDone: 3 refunds\x1b[2J\u202e"}, "ravi Done: 3 refunds [2J"},
		"blank flag":    {" \n", map[string]string{"GITLAB_USER_LOGIN": "ravi"}, "ravi"},
	} {
		t.Run(name, func(t *testing.T) {
			a := &app{Streams: Streams{Env: func(v string) string { return c.env[v] }}}
			if got := a.actor(c.flag); got != c.want {
				t.Errorf("%q, not %q", got, c.want)
			}
		})
	}
}

// A container may run under a uid that /etc/passwd does not have.
func TestAUserWithoutANameIsNamedByTheEnvironmentOrByTheUID(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		want string
		warn bool
	}{
		{map[string]string{"USER": "desk", "LOGNAME": "other"}, "desk", false},
		{map[string]string{"LOGNAME": "desk"}, "desk", false},
		{nil, "uid 12345", true},
	} {
		var out bytes.Buffer
		a := &app{Streams: Streams{Err: &out, Env: func(v string) string { return c.env[v] }}}
		got := a.firstName(12345, "", "", a.Env("USER"), a.Env("LOGNAME"))
		if got != c.want || strings.Contains(out.String(), "--actor") != c.warn {
			t.Errorf("%q, %q; want %q", got, out.String(), c.want)
		}
	}
}
