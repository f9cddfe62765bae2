package pipelines

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Both examples download an archive of make release, run the program in it, and refuse one with another digest.
func TestExamplesDownloadTheRelease(t *testing.T) {
	s := &shop{t: t, dir: t.TempDir()}
	s.publish()
	archive := filepath.Base(s.release)
	version := strings.TrimSuffix(strings.TrimPrefix(archive, "refundctl_"), "_linux_amd64.tar.gz")
	if *releaseFolder == "" {
		version = "devel" // the substitute starts the program of this test
	}
	var action workflow
	load(t, filepath.Join("..", "..", "examples", "github-actions", ".github", "actions", "refundctl", "action.yml"), &action)
	for place, script := range map[string]string{"GitHub": action.Runs.Steps[0].Run, "GitLab": strings.Join(readLab(t).lines("validate", "before_script"), "\n")} {
		for _, digest := range []string{s.digest, strings.Repeat("0", 64)} {
			home := t.TempDir()
			log, code := s.shell(home, script, []string{"-eo", "pipefail"}, s.environment("HOME="+home, "RUNNER_TEMP="+home, "GITHUB_PATH="+filepath.Join(home, "path"),
				"REFUNDCTL_URL="+s.release, "REFUNDCTL_SHA256="+digest))
			_, missing := os.Stat(filepath.Join(home, "refundctl", "refundctl"))
			if digest == s.digest && (code != 0 || missing != nil || !strings.Contains(log, "refundctl "+version) || strings.Contains(log, "warning")) {
				t.Errorf("%s: exit %d, want version %s\n%s", place, code, version, log)
			}
			if digest != s.digest && (code == 0 || missing == nil || strings.Contains(log, "refundctl "+version)) {
				t.Errorf("%s runs an archive with another digest: exit %d\n%s", place, code, log)
			}
		}
	}
}
