package schema

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"refundctl/schema/sensitive"
	"refundctl/schema/yamltree"
)

// Outside reports whether path, relative to root unless it is absolute, points outside root: by itself, or
// through a link anywhere in it. A path that does not exist is judged by where it would be. Nothing is opened.
func Outside(root, path string) bool {
	if !filepath.IsAbs(path) {
		path = filepath.Join(root, path)
	}
	base, bad := resolveLinks(root)
	real, worse := resolveLinks(path)
	if bad != nil || worse != nil {
		return true
	}
	rel, err := filepath.Rel(base, real)
	return err != nil || rel != "." && !filepath.IsLocal(rel)
}

// resolveLinks returns path without links. What does not exist at its end stays as written.
func resolveLinks(path string) (string, error) {
	const most = 40 // links one after another
	path, err := filepath.Abs(path)
	for range most {
		if err != nil {
			return "", err
		}
		real, rest := path, ""
		for {
			found, missing := filepath.EvalSymlinks(real)
			if missing == nil {
				return filepath.Join(found, rest), nil
			}
			if to, link := os.Readlink(real); link == nil { // it leads to a path that does not exist
				if !filepath.IsAbs(to) {
					to = filepath.Join(filepath.Dir(real), to)
				}
				path = filepath.Join(to, rest)
				break
			}
			above := filepath.Dir(real)
			if above == real {
				return "", missing
			}
			real, rest = above, filepath.Join(filepath.Base(real), rest)
		}
	}
	return "", fmt.Errorf("%s: the links form a loop", path)
}

const outsideHint = "list files and folders inside this file's folder; on the command line, --outside-project allows a PATH elsewhere"

// validateManifestPaths reports each entry that leads out of the configuration's folder. Nothing there is opened.
func validateManifestPaths(out *yamltree.Diagnostics, n *node) {
	for _, entry := range n.Content {
		if path := yamltree.Resolve(entry); path.Kind == yamltree.ScalarNode && Outside(filepath.Dir(out.File), path.Value) {
			refuseOutside(out, path)
		}
	}
}

func refuseOutside(out *yamltree.Diagnostics, entry *node) {
	path := entry.Value
	if odd := strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == 0x7F }); odd || sensitive.ContainsSecret(path) {
		path = "this entry"
	}
	out.Error(entry, CodeOutside, "manifests: "+path+" points outside the project and is not read", outsideHint)
}
