package cli

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"refundctl/internal/diag"
	"refundctl/internal/refund"
	"refundctl/schema"
)

// selection selects what may be sent, by refund_id, parent id or label=value.
type selection struct {
	targets  list
	excludes list
}

func (s *selection) flags(c *cobra.Command) {
	c.Flags().Var(&s.targets, "target", "only these refunds: refund_id, order_id or label=value"+asList)
	c.Flags().Var(&s.excludes, "exclude", "not these refunds: refund_id, order_id or label=value"+asList)
}

// filter returns the selection as a function, or nil if it selects everything. Paths of manifests are relative
// to root. It fails if a target names nothing, or nothing that paths and excludes leave: a typo must not look
// like a project with nothing to do.
func (s *selection) filter(root string, paths []string, specs []refund.Spec, unknown func(string) error) (func(refund.Spec) bool, error) {
	for _, want := range slices.Concat(s.targets, s.excludes) {
		if !slices.ContainsFunc(specs, func(r refund.Spec) bool { return named(r, want) }) {
			return nil, unmatched(want, specs, unknown)
		}
	}
	if len(paths) == 0 && len(s.targets) == 0 && len(s.excludes) == 0 {
		return nil, nil
	}
	under, err := places(root, paths)
	if err != nil {
		return nil, err
	}
	chosen := func(r refund.Spec) bool {
		is := func(want string) bool { return named(r, want) }
		return (len(under) == 0 || slices.ContainsFunc(under, func(place string) bool { return within(r.Source.File, place) })) &&
			(len(s.targets) == 0 || slices.ContainsFunc(s.targets, is)) && !slices.ContainsFunc(s.excludes, is)
	}
	if len(s.targets) > 0 && !slices.ContainsFunc(specs, chosen) {
		return nil, fail(ExitInvalid, "a refund is selected only if PATH, --target and --exclude all allow it",
			"--target %s selects no refund", s.targets.String())
	}
	return chosen, nil
}

// unmatched returns the failure for an argument that matches no refund in the manifests: a list that was written
// in the wrong way, a label, or an id.
func unmatched(want string, specs []refund.Spec, unknown func(string) error) error {
	var labels []string
	all := known{specs: specs}.ids()
	for _, r := range specs {
		for name, value := range r.Labels {
			labels = append(labels, name+"="+value)
		}
	}
	all = append(all, labels...)
	switch hint := commas(want, all); {
	case hint != "":
		return fail(ExitInvalid, hint, "%q matches no refund in the manifests", want)
	case strings.Contains(want, "="):
		return fail(ExitInvalid, near(want, labels, "use a label of the manifests, as name=value"), "no refund in the manifests has the label %q", want)
	}
	return unknown(want)
}

// commas returns the hint for several names that were read as one, or one that was read as several.
func commas(want string, known []string) string {
	apart := words{}
	if err := apart.Set(want); err == nil && len(apart) > 1 && !slices.ContainsFunc(apart, func(one string) bool { return !slices.Contains(known, one) }) {
		return "to give several names, write " + apart.String() + " without spaces: in \"a, b\" the comma is part of the name"
	}
	for _, name := range known {
		if parts, err := elements(name); err == nil && len(parts) > 1 && slices.Contains(parts, want) {
			whole := list{name}
			return "a comma separates names; to keep it in a name, write " + whole.String() + " including the double quotes, inside shell quotes"
		}
	}
	return ""
}

// near suggests the nearest known name, or returns the other hint.
func near(want string, known []string, otherwise string) string {
	slices.Sort(known)
	if found := diag.Nearest(want, slices.Compact(known)); found != "" {
		return "did you mean " + found + "?"
	}
	return otherwise
}

func named(r refund.Spec, want string) bool {
	if name, value, label := strings.Cut(want, "="); label {
		got, has := r.Labels[name]
		return has && got == value
	}
	return r.RefundID == want || r.ParentID == want
}

func places(root string, paths []string) ([]string, error) {
	var under []string
	for _, path := range paths {
		full, err := absolute(path)
		if err != nil {
			return nil, err
		}
		if rel, err := filepath.Rel(root, full); err == nil && filepath.IsLocal(rel) {
			full = rel
		}
		under = append(under, filepath.ToSlash(full))
	}
	return under, nil
}

// absolute returns the absolute path of an argument. It refuses an empty one: that would mean the working
// folder, and so everything.
func absolute(path string) (string, error) {
	if path == "" {
		return "", fail(ExitInvalid, "is a variable not set? omit the argument to select the whole project", "a PATH is empty")
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return "", fail(ExitError, "go to a folder that exists, or give --chdir", "%s: %v", path, err)
	}
	return full, nil
}

func within(file, place string) bool {
	return place == "." || file == place || strings.HasPrefix(file, place+"/")
}

// outsideFlag adds the flag that allows a PATH outside the project.
func (a *app) outsideFlag(c *cobra.Command) {
	c.Flags().BoolVar(&a.outside, "outside-project", false, "allow a PATH outside the project")
}

// inside refuses paths that lead out of the project, unless the flag allows them: a link in a pull request must
// not make other files of the machine readable.
func (a *app) inside(root string, paths []string) error {
	for _, path := range paths {
		if full, err := absolute(path); err != nil {
			return err
		} else if !a.outside && schema.Outside(root, full) {
			return fail(ExitInvalid, "if this is intended, add --outside-project", "%s points outside the project, so it is not read", path)
		}
	}
	return nil
}
