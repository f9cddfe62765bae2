package cli

import (
	"slices"

	"github.com/spf13/cobra"

	"refundctl/internal/view"
)

func formatFlag(c *cobra.Command, format *string) {
	c.Flags().StringVar(format, "format", "", "output `FORMAT`: text (the default), json (same as --json), markdown (for a pull request) or html (a page)")
	complete(c, "format", "text\tfor a terminal", "json\tsame as --json", "markdown\tfor a pull request", "html\ta page")
}

// planFormat returns the format that --format and --json select.
func planFormat(format string, asJSON bool) (view.Format, error) {
	return chosenFormat(format, asJSON, view.Text, view.JSON, view.Markdown, view.HTML)
}

// chosenFormat returns the format that --format and --json select from these.
func chosenFormat(format string, asJSON bool, there ...view.Format) (view.Format, error) {
	switch f := view.Format(format); {
	case format == "" && asJSON:
		return view.JSON, nil
	case format == "":
		return view.Text, nil
	case !slices.Contains(there, f):
		return "", fail(ExitInvalid, "use "+alternatives(there), "unknown --format %q", format)
	case asJSON && f != view.JSON:
		return "", fail(ExitInvalid, "omit one of the two", "--json and --format %s contradict each other", format)
	default:
		return f, nil
	}
}

func alternatives(formats []view.Format) string {
	text := string(formats[0])
	for i, f := range formats[1:] {
		if i == len(formats)-2 {
			text += " or " + string(f)
			continue
		}
		text += ", " + string(f)
	}
	return text
}

// asksForJSON reports whether failures are printed as JSON. It looks at the raw arguments, since these may be
// what is wrong.
func asksForJSON(args []string) bool {
	i := slices.Index(args, "--format")
	return slices.Contains(args, "--json") || slices.Contains(args, "--format=json") || i >= 0 && i+1 < len(args) && args[i+1] == "json"
}
