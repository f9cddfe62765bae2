package cli

import (
	"bytes"
	"runtime"
	"runtime/debug"
	"testing"

	"refundctl/internal/view"
)

func TestTheVersionComesFromTheLinkerOrElseFromGo(t *testing.T) {
	vcs := &debug.BuildInfo{Main: debug.Module{Version: "v0.9.0"}, Settings: []debug.BuildSetting{
		{Key: "vcs.revision", Value: "fedcba"}, {Key: "vcs.time", Value: "2026-10-01T00:00:00Z"}, {Key: "vcs.modified", Value: "false"}}}
	for _, c := range []struct {
		linked                string
		info                  *debug.BuildInfo
		version, commit, date string
		text                  string
	}{
		{"v1.2.3 0123456789abcdef 2026-11-22T05:19:35Z", vcs, "v1.2.3", "0123456789abcdef", "2026-11-22T05:19:35Z", "v1.2.3 (commit 0123456789ab 2026-11-22, "},
		{"v1.2.3 ", vcs, "v1.2.3", "", "", "v1.2.3 ("},
		{"", vcs, "v0.9.0", "fedcba", "2026-10-01T00:00:00Z", "v0.9.0 (commit fedcba 2026-10-01, "},
		{"", &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, "devel", "", "", "devel ("},
		{"", &debug.BuildInfo{}, "devel", "", "", "devel ("},
	} {
		v := stampOf(c.linked, c.info)
		if v.Version != c.version || v.Commit != c.commit || v.Date != c.date {
			t.Errorf("%q: %+v", c.linked, v)
		}
		var text bytes.Buffer
		if err := view.VersionText(&text, v); err != nil {
			t.Fatal(err)
		}
		if want := "refundctl " + c.text + runtime.Version() + ", " + runtime.GOOS + "/" + runtime.GOARCH + ")\n"; text.String() != want {
			t.Errorf("%q, not %q", text.String(), want)
		}
	}
}
