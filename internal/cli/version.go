package cli

import (
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"refundctl/internal/view"
)

// build is set by the linker to the version, the commit and its time, separated by spaces:
// -X 'refundctl/internal/cli.build=v1.2.3 0123456789abcdef 2026-11-22T05:19:35Z'
var build string

// stamp returns what this program was built from. It does not contain the time or place of the build, so the
// same commit gives the same program.
func stamp() view.Version {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return stampOf(build, info)
}

// stampOf returns what the linker set, or else what the Go tool recorded.
func stampOf(linked string, info *debug.BuildInfo) view.Version {
	v := view.Version{Version: "devel", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if words := strings.Fields(linked); len(words) > 0 {
		words = append(words, "", "")
		v.Version, v.Commit, v.Date = words[0], words[1], words[2]
		return v
	}
	if info.Main.Version != "" && info.Main.Version != "(devel)" {
		v.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Commit = s.Value
		case "vcs.time":
			v.Date = s.Value
		}
	}
	return v
}

func version() string { return stamp().Version }

func (a *app) versionCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "version",
		Short: "Print the program's version",
		Long: `Prints the version, the commit that the program was built from and its date, the
Go version and the platform.`,
		Example: `  refundctl version
  refundctl version --json`,
		Args: argsBetween(0, 0),
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				return view.VersionJSON(a.Out, stamp())
			}
			return view.VersionText(a.Out, stamp())
		},
	}
	jsonFlag(c, &asJSON)
	return c
}

func jsonFlag(c *cobra.Command, asJSON *bool) {
	c.Flags().BoolVar(asJSON, "json", false, "print JSON")
}
