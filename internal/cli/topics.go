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

// topics are what help tells beside the commands.
func (a *app) topics() []*cobra.Command {
	return []*cobra.Command{
		{Use: "manifest", Short: "What a manifest holds", Long: rendered(manifestTopic)},
		{Use: "safety", Short: "What is safe when it crashes, and what to do then", Long: rendered(safetyTopic)},
		a.exitCodesTopic(),
		a.environmentTopic(),
	}
}

// rendered is Markdown for a terminal: paragraphs and list items as wide as help, blocks of code set
// off as they are, without the marks.
func rendered(markdown string) string {
	var b strings.Builder
	var paragraph []string
	end := func() {
		if len(paragraph) > 0 {
			b.WriteString(folded(unmarked(strings.Join(paragraph, " ")), 0) + "\n")
		}
		paragraph = nil
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
		default:
			paragraph = append(paragraph, line)
		}
	}
	end()
	return b.String()
}

// unmarked is text without emphasis and without the marks of code, in which a star is a star.
func unmarked(text string) string {
	parts := strings.Split(text, "`")
	for i := 0; i < len(parts); i += 2 {
		parts[i] = strings.ReplaceAll(parts[i], "*", "")
	}
	return strings.Join(parts, "")
}
