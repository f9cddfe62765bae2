package view

import (
	"fmt"
	"io"
	"strings"
)

// Version identifies this program. Commit and Date, the commit's time in RFC 3339, are empty if they are not
// known.
type Version struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`
	Date     string `json:"date,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"` // GOOS/GOARCH
}

// VersionJSON prints the version as JSON.
func VersionJSON(w io.Writer, v Version) error {
	return writeJSON(w, struct {
		FormatVersion string `json:"format_version"`
		Version
	}{FormatVersion, v})
}

// VersionText prints the version on one line.
func VersionText(w io.Writer, v Version) error {
	built := []string{v.Go, v.Platform}
	if v.Commit != "" {
		day, _, _ := strings.Cut(v.Date, "T")
		from := strings.TrimSpace("commit " + v.Commit[:min(12, len(v.Commit))] + " " + day)
		built = append([]string{from}, built...)
	}
	_, err := fmt.Fprintf(w, "refundctl %s (%s)\n", v.Version, strings.Join(built, ", "))
	return err
}
