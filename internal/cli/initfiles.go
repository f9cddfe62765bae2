package cli

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"refundctl/internal/cashfree"
	"refundctl/internal/edit"
	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/schema"
	"refundctl/schema/layout"
)

// projectFile is one file of a new project.
type projectFile struct {
	name   string // from the project's folder, with forward slashes
	text   string
	needed bool // an existing file of that name should have these lines
}

// files returns the files of the project. If it already has manifests, there is no first one.
func (s *projectDraft) files() []projectFile {
	manifestSchema, _ := schema.JSON("manifest") // it is part of the program
	files := []projectFile{{name: configName, text: configText(s.config)}}
	if first := s.firstManifest(); first != "" && !s.hasManifests {
		files = append(files, projectFile{name: first, text: s.firstRefunds()})
	}
	files = append(files, projectFile{name: edit.SchemaName, text: string(manifestSchema)},
		projectFile{name: ".gitignore", text: s.gitignore(), needed: true})
	files = append(files, projectFile{name: ".gitattributes", text: s.gitattributes(), needed: true})
	if s.first().Environment == embedded {
		files = append(files, projectFile{name: worldName, text: firstWorld})
	}
	return files
}

// first returns the account of the first manifest.
func (s *projectDraft) first() schema.ConfigAccount {
	i := slices.IndexFunc(s.config.Accounts, func(a schema.ConfigAccount) bool { return a.Name == "default" })
	return s.config.Accounts[max(i, 0)]
}

// firstManifest returns the name of the first manifest, or "" if manifests are outside the project.
func (s *projectDraft) firstManifest() string {
	name := path.Clean(filepath.ToSlash(s.config.Manifests[0]))
	switch {
	case !filepath.IsLocal(name):
		return ""
	case schema.IsManifestName(name):
		return name
	}
	return path.Join(name, "first.refunds.yaml")
}

func configText(c schema.Config) string {
	var b strings.Builder
	b.WriteString("version: 1\nmanifests: [refunds/]\n# The ledger of what was sent: commit it. Nothing is sent on a ledger of another lineage, or without one.\n")
	fmt.Fprintf(&b, "state: {path: %s, lineage: %s}\naccounts:\n", c.State, c.Lineage)
	for _, a := range c.Accounts {
		fmt.Fprintf(&b, "  %s:\n    api: %s\n", a.Name, a.API)
		if a.Environment == embedded {
			b.WriteString("    environment: embedded # the built-in emulator: no network, no credentials\n")
			continue
		}
		prefix := firstOf(a.EnvPrefix, strings.ToUpper(a.API))
		fmt.Fprintf(&b, "    environment: %s\n    env_prefix: %s # credentials come from %s_CLIENT_ID and so on, never from a file\n", a.Environment, prefix, prefix)
		if a.Environment == "production" {
			b.WriteString("    # limits: {max_refund_amount: 10000.00, max_total_amount: 250000.00}\n")
		}
	}
	return b.String()
}

// firstRefunds returns the text of the first manifest. It asks for refunds only of the emulator's orders.
func (s *projectDraft) firstRefunds() string {
	account := s.first()
	up := firstOf(strings.Repeat("../", strings.Count(s.firstManifest(), "/")), "./")
	head := layout.WriteHead(up+edit.SchemaName, account.Name)
	if account.Environment != embedded || account.API != string(cashfree.Cashfree) {
		return strings.TrimSuffix(head, "\n") + " [] # refundctl new adds one\n"
	}
	order := func(id, refundID string, paise int64, note string) string {
		return layout.WriteRefund(refund.Spec{Kind: refund.Order, ParentID: id, RefundID: refundID, Note: note, Amount: money.Amount{Minor: paise, Currency: money.INR}})
	}
	return head + order("order_summer_fashion_001", "refund_summer_fashion_001_size", 114975, "Customer requested size exchange") +
		order("order_summer_fashion_002", "refund_summer_fashion_002_full", 89900, "Order cancelled before dispatch")
}

const firstWorld = `# The orders of the embedded emulator. A real environment has its own.
version: 1
orders:
  - {order_id: order_summer_fashion_001, order_amount: 2299.50}
  - {order_id: order_summer_fashion_002, order_amount: 899.00}
  - {order_id: order_monsoon_041, order_amount: 4999.00}
`

// gitignore does not ignore the ledger: without it, nobody knows what was sent.
func (s *projectDraft) gitignore() string {
	text := "# Commit the ledger itself.\n"
	if state, inside := s.state(); inside {
		text += state + ".lock\n"
	}
	return text + ".refundctl/\n*.plan.json\n.*.tmp\n.env\n"
}

// gitattributes keeps Git for Windows from changing line ends: saved plans have a digest. If two branches both added to
// the ledger, Git keeps the lines of both.
func (s *projectDraft) gitattributes() string {
	text := "*.yaml text eol=lf\n*.yml text eol=lf\n*.json text eol=lf\n"
	if state, inside := s.state(); inside {
		text += state + " text eol=lf merge=union\n"
	}
	return text
}

// state returns the ledger's path, and reports whether it is inside the project.
func (s *projectDraft) state() (string, bool) {
	name := path.Clean(filepath.ToSlash(s.config.State))
	return name, filepath.IsLocal(s.config.State) && !strings.ContainsAny(name, " \t#!*?[\\\"")
}
