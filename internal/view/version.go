package view

import "io"

// VersionJSON tells a machine which program this is: its version, Go's, and the platform.
func VersionJSON(w io.Writer, version, goVersion, platform string) error {
	return writeJSON(w, struct {
		FormatVersion string `json:"format_version"`
		Version       string `json:"version"`
		Go            string `json:"go"`
		Platform      string `json:"platform"`
	}{FormatVersion, version, goVersion, platform})
}
