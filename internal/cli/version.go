package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"refundctl/internal/view"
)

// build is set by the linker: -X refundctl/internal/cli.build=v1.2.3
var build string

// version is what the linker set, else what the Go tool knows.
func version() string {
	if build != "" {
		return build
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

func (a *app) versionCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "version",
		Short:   "Print the program's version",
		Example: "  refundctl version --json",
		Args:    argsBetween(0, 0),
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				return view.VersionJSON(a.Out, version(), runtime.Version(), runtime.GOOS+"/"+runtime.GOARCH)
			}
			_, err := fmt.Fprintf(a.Out, "refundctl %s (%s, %s/%s)\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
	jsonFlag(c, &asJSON)
	return c
}

func jsonFlag(c *cobra.Command, asJSON *bool) {
	c.Flags().BoolVar(asJSON, "json", false, "print JSON")
}
