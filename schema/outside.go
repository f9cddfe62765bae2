package schema

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Outside reports whether path, from root unless it is absolute, leads out of root: by itself, or through
// a link anywhere in it. What is not there yet counts by where it would be. Nothing is opened.
func Outside(root, path string) bool {
	if !filepath.IsAbs(path) {
		path = filepath.Join(root, path)
	}
	base, bad := followed(root)
	real, worse := followed(path)
	if bad != nil || worse != nil {
		return true
	}
	rel, err := filepath.Rel(base, real)
	return err != nil || rel != "." && !filepath.IsLocal(rel)
}

// followed is path without links; what is missing at its end stays as it is written.
func followed(path string) (string, error) {
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
			if to, link := os.Readlink(real); link == nil { // it leads to what is not there
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

const outsideHint = "name files and folders inside this file's folder; on the command line, --outside-project allows a PATH elsewhere"

// judgeManifests refuses each entry that leads out of the folder of the configuration, and names it. Its
// files are not opened.
func judgeManifests(out *sink, n *node) {
	for _, entry := range n.Content {
		if path := target(entry); path.Kind == scalarNode && Outside(filepath.Dir(out.file), path.Value) {
			refuseOutside(out, path)
		}
	}
}

func refuseOutside(out *sink, entry *node) {
	path := entry.Value
	if odd := strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == 0x7F }); odd || secretValue(path) {
		path = "this entry"
	}
	out.add(entry, codeOutside, "manifests: "+path+" leads out of the project, and is not read", outsideHint)
}

// isForeign reports whether a document is of something else: no mapping, or one with no field that says
// what it is. Nothing of its text is repeated then, since it may be anything.
func isForeign(root *node, fields ...string) bool {
	if root.Kind != mappingNode {
		return true
	}
	if _, version := child(root, "version"); version != nil && target(version).Value == "1" {
		return false
	}
	return !slices.ContainsFunc(fields, func(field string) bool { _, v := child(root, field); return v != nil })
}

// refuseForeign says what a document should be, and repeats nothing of what it is.
func refuseForeign(out *sink, root *node, rule *contract) {
	const hint = "begin it with version: 1"
	switch root.Kind {
	case mappingNode:
		out.add(root, codeForeign, "this is not "+rule.Title+": it has none of its fields", hint)
	case sequenceNode:
		out.add(root, codeType, rule.Title+" must be fields with values, not a list", hint)
	default:
		out.add(root, codeType, rule.Title+" must be fields with values, not a text", hint)
	}
}
