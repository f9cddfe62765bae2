package cli

import (
	_ "embed" // the topics
	"strings"

	"github.com/spf13/cobra"
)

// The topics are sections of README.md, word for word.
var (
	//go:embed topics/manifest.md
	manifestTopic string
	//go:embed topics/safety.md
	safetyTopic string
)

// topics are the pages of help that are not about one command.
func (a *app) topics() []*cobra.Command {
	return []*cobra.Command{
		{Use: "manifest", Short: "What a manifest contains", Long: rendered(manifestTopic)},
		{Use: "safety", Short: "What to do after a crash, and why it is safe", Long: rendered(safetyTopic)},
		a.exitCodesTopic(),
		a.environmentTopic(),
	}
}

// rendered returns Markdown as text for a terminal: paragraphs and list items fit the width of help,
// code is indented and otherwise unchanged, and the marks are gone.
func rendered(markdown string) string {
	var b strings.Builder
	var paragraph []string
	indent := 0
	end := func() {
		if indent > 0 {
			b.WriteString("- ")
		}
		if len(paragraph) > 0 {
			b.WriteString(folded(unmarked(strings.Join(paragraph, " ")), indent) + "\n")
		}
		paragraph, indent = nil, 0
	}
	code := false
	for line := range strings.Lines(markdown) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "```"):
			end()
			code = !code
		case code:
			b.WriteString(strings.TrimRight("  "+line, " ") + "\n")
		case line == "":
			end()
			b.WriteString("\n")
		case strings.HasPrefix(line, "- "):
			end()
			paragraph, indent = []string{line[2:]}, 2
		default:
			paragraph = append(paragraph, line)
		}
	}
	end()
	return b.String()
}

// unmarked returns text without the marks of emphasis and code. A star inside code stays.
func unmarked(text string) string {
	parts := strings.Split(text, "`")
	for i := 0; i < len(parts); i += 2 {
		parts[i] = strings.ReplaceAll(parts[i], "*", "")
	}
	return strings.Join(parts, "")
}
