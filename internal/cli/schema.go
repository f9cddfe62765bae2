package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"refundctl/internal/sandbox"
	"refundctl/schema"
)

// schemas are the names that the schema command accepts.
var schemas = []string{"manifest", "config", "plan", "world"}

func (a *app) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema [" + strings.Join(schemas, "|") + "]",
		Short: "Print a JSON Schema",
		Long: `Prints the JSON Schema (draft-07) of manifests, the configuration, plans, or the
emulator's file, for editors and for your own checks. Without a name, it prints
the schema of manifests.`,
		Example:   "  refundctl schema manifest > refund-manifest.schema.json",
		ValidArgs: schemas,
		Args:      argsBetween(0, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			name := firstOf(append(args, "manifest")...)
			if !slices.Contains(schemas, name) {
				return fail(ExitInvalid, "use one of: "+strings.Join(schemas, ", "), "there is no schema %q", name)
			}
			if name == "world" {
				_, err := a.Out.Write(sandbox.WorldSchema())
				return err
			}
			text, err := schema.JSON(name)
			if err != nil {
				return err
			}
			_, err = a.Out.Write(text)
			return err
		},
	}
}
