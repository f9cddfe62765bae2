package cli

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"refundctl/internal/refund"
)

// selection chooses what may be sent. An id is a refund_id, a parent's id, or label=value.
type selection struct {
	targets  []string
	excludes []string
}

func (s *selection) flags(c *cobra.Command) {
	c.Flags().StringSliceVar(&s.targets, "target", nil, "only these: refund_id, order_id or label=value")
	c.Flags().StringSliceVar(&s.excludes, "exclude", nil, "not these: refund_id, order_id or label=value")
}

// filter is the selection as a function, nil where it selects everything. Files are compared by
// where the manifests stand, relative to root. Targets that name nothing are an error: a typo
// must not look like a project in which nothing is to do.
func (s *selection) filter(root string, paths []string, specs []refund.Spec) (func(refund.Spec) bool, error) {
	for _, want := range slices.Concat(s.targets, s.excludes) {
		if !slices.ContainsFunc(specs, func(r refund.Spec) bool { return named(r, want) }) {
			return nil, fail(ExitInvalid, "give a refund_id, an order_id, or a label as name=value", "%q names no refund of the manifests", want)
		}
	}
	if len(paths) == 0 && len(s.targets) == 0 && len(s.excludes) == 0 {
		return nil, nil
	}
	under, err := places(root, paths)
	if err != nil {
		return nil, err
	}
	return func(r refund.Spec) bool {
		is := func(want string) bool { return named(r, want) }
		return (len(under) == 0 || slices.ContainsFunc(under, func(place string) bool { return within(r.Source.File, place) })) &&
			(len(s.targets) == 0 || slices.ContainsFunc(s.targets, is)) && !slices.ContainsFunc(s.excludes, is)
	}, nil
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
		full, err := filepath.Abs(path)
		if err != nil {
			return nil, fail(ExitInvalid, "", "%v", err)
		}
		if rel, err := filepath.Rel(root, full); err == nil && filepath.IsLocal(rel) {
			full = rel
		}
		under = append(under, filepath.ToSlash(full))
	}
	return under, nil
}

func within(file, place string) bool {
	return place == "." || file == place || strings.HasPrefix(file, place+"/")
}
