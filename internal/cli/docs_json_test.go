package cli_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// jsonSteps take a project through everything that can happen to it. The fields that a named step prints become part of
// that document of the reference.
var jsonSteps = []struct{ document, line string }{
	{"validate", `printf 'version: 1\nrefunds: [{order_id: a}]\n' > bad.yaml; refundctl validate --json bad.yaml; rm bad.yaml`},
	{"", `refundctl plan --json --out a.plan.json`},
	// The note PENDING makes the emulator keep it PENDING: it can be cancelled, however slow this machine is.
	{"", `sed -i '/refund_amount: 899.00/{s/899/799/;n;s/:.*/: PENDING/}' refunds/june.refunds.yaml; refundctl plan --out b.plan.json`},
	{"diff-plans", `refundctl diff-plans --json a.plan.json b.plan.json`},
	{"", `refundctl plan --out c.plan.json --target order_summer_fashion_001`},
	{"apply", `CI_JOB_URL=https://ci.example/7 CI_COMMIT_SHA=4f9c2d1 refundctl apply --json --auto-approve --approved-by meera c.plan.json`},
	{"state history", `refundctl state history --json refund_summer_fashion_001_size`},
	{"apply", `refundctl apply --json --auto-approve --state other.jsonl --account nobody`},
	{"", `serve drop-before=#1,500-stored=#2`},
	{"apply", `refundctl apply --json --auto-approve`},
	{"recover", `refundctl recover --json`},
	{"recover", `refundctl recover --json --resolve refund_monsoon_041_damage=sent --against-api --reason "seen in the dashboard"`},
	{"recover", `refundctl recover --json --resolve refund_monsoon_041_damage=not-sent --reason "asked Cashfree"`},
	{"apply", `refundctl apply --json --auto-approve`},
	{"", `cp refunds.state.jsonl accepted.jsonl; cp refunds.state.jsonl unread.jsonl; sed -i 's/2023-08-01/2025-01-01/' refundctl.yaml`},
	{"status", `refundctl status --json`}, // one refund stays pending
	{"cancel", `refundctl cancel refund_summer_fashion_002_full --remarks "asked by the customer" --auto-approve --json`},
	{"follow", `refundctl follow --json --arn --timeout 2m --interval 100ms --state accepted.jsonl`}, // with a ledger in which nothing is settled
	{"", `refundctl follow --arn --timeout 2m --interval 100ms`},
	{"status", `refundctl status --json --state unread.jsonl`}, // the same, and all of them are paid
	{"explain", `refundctl explain --json refund_monsoon_041_damage`},
	{"state list", `refundctl state list --json`},
	{"state show", `refundctl state show --json refund_monsoon_041_damage`},
	{"state history", `refundctl state history --json refund_monsoon_041_damage`},
	{"state verify", `refundctl state verify --json`},
	{"state verify", `cp refunds.state.jsonl torn.jsonl; printf '{' >> torn.jsonl; refundctl state verify --state torn.jsonl --json`},
	{"import csv", `printf 'Order,Amount\norder_monsoon_041,12\n' > a.csv; refundctl import csv a.csv --batch a --json`},
	{"import csv", `printf 'Order,Amount,Colour\norder_monsoon_041,1.234,red\n' > b.csv; refundctl import csv b.csv --batch b --json`},
	{"import live", `refundctl import live --order order_monsoon_041,order_nobody --json`},
	{"reconcile", `printf 'refund_id,amount,utr\ndashboard_7,499.00,UTR1\nnobody,1.00,UTR2\n' > bank.csv; refundctl reconcile --bank bank.csv --json`},
	{"report", `refundctl report --json`},
	{"fmt", `printf 'refunds: []\nversion: 1\n' > refunds/odd.yaml; refundctl fmt --json --diff --check`},
	{"new", `refundctl new --order order_monsoon_041 --amount 1.50 --note "a small thing" --file refunds/june.refunds.yaml --json`},
	{"reissue", `refundctl reissue refund_summer_fashion_002_full --json`},
	{"init", `mkdir shop && refundctl init --chdir shop --json`},
	{"version", `refundctl version --json`},
}

// jsonFields maps each path of one document to the kinds of its values.
type jsonFields map[string]map[string]bool

// free matches the objects whose keys are data, not fields: currencies, the names of labels.
var free = regexp.MustCompile(`(^|\.)(amounts|labels|environments|(summary\.[a-z_]+|total)\.(manifests|ledger|live|bank))$`)

func (f jsonFields) take(path string, value any) {
	kind := "null"
	switch v := value.(type) {
	case map[string]any:
		kind = "object"
		for name, field := range v {
			switch {
			case path == "":
				f.take(name, field)
			case free.MatchString(path):
				f.take(path+".*", field)
			default:
				f.take(path+"."+name, field)
			}
		}
	case []any:
		kind = "array"
		for _, item := range v {
			f.take(path+"[]", item)
		}
	case string:
		kind = "string"
	case bool:
		kind = "boolean"
	case json.Number:
		kind = "number"
	}
	if f[path] == nil {
		f[path] = map[string]bool{}
	}
	f[path][kind] = true
}

func (f jsonFields) takeAll(t *testing.T, output string) {
	dec := json.NewDecoder(strings.NewReader(output))
	dec.UseNumber()
	for {
		var v any
		err := dec.Decode(&v)
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%v in %s", err, output)
		}
		f.take("", v)
	}
}

// meanings contains the lines of testdata/json-fields.txt by name, or by document and path, which take
// precedence. used marks the lines that a document needed.
type meanings struct {
	text map[string]string
	used map[string]bool
}

func readMeanings(t *testing.T) meanings {
	data, err := os.ReadFile(filepath.Join("testdata", "json-fields.txt"))
	if err != nil {
		t.Fatal(err)
	}
	m := meanings{map[string]string{}, map[string]bool{}}
	for line := range strings.Lines(string(data)) {
		if name, text, ok := strings.Cut(strings.TrimSpace(line), " = "); ok {
			m.text[name] = text
		}
	}
	return m
}

func (m meanings) of(document, path string) string {
	name := path[strings.LastIndex(path, ".")+1:]
	for _, key := range []string{document + " " + path, strings.TrimSuffix(name, "[]")} {
		if text, ok := m.text[key]; ok {
			m.used[key] = true
			return text
		}
	}
	return ""
}

// TestDocs_everyJSONFieldIsExplained runs every command that prints JSON and compares, or writes, the
// page of the fields.
func TestDocs_everyJSONFieldIsExplained(t *testing.T) {
	found, order := runJSONSteps(t)
	for _, m := range regexp.MustCompile(`(?s)\n## refundctl ([a-z -]+)\n(.*?)\n`+"```\n").FindAllStringSubmatch(commandsPage(t), -1) {
		if strings.Contains(m[2], " --json ") && found[m[1]] == nil && m[1] != "plan" && m[1] != "show" { // those two have plan.md
			t.Errorf("no step runs refundctl %s --json", m[1])
		}
	}
	m := readMeanings(t)
	var b strings.Builder
	b.WriteString("# JSON\n\nFields are added, never changed or removed. Amounts are strings with the currency's decimals. Times are RFC 3339.\n" +
		"A sum that does not fit in 64 bits of minor units is given as the largest amount, `92233720368547758.07` for INR.\n" +
		"`apply` and `follow` print one object per line; the last one has the sums.\n" +
		"[The plan](plan.md) describes what `plan` and `show` print.\n" +
		"An error is one object on stderr: `{\"error\":{\"code\",\"class\",\"message\",\"hint\"}}`.\n" +
		"What else is printed there is one object per line as well: `{\"warning\":{\"message\",\"hint\"}}`, `{\"notice\":{\"message\"}}`,\n" +
		"`{\"diagnostic\":{…}}` as in `validate`, `{\"progress\":{\"message\"}}` if stderr is not a terminal, and with `--verbose` each\n" +
		"request.\n")
	for _, document := range order {
		fmt.Fprintf(&b, "\n## %s\n\n| field | kind | meaning |\n|---|---|---|\n", document)
		for _, path := range slices.Sorted(maps.Keys(found[document])) {
			if path == "" || strings.HasSuffix(path, "[]") || strings.HasSuffix(path, "*") {
				continue
			}
			meaning := m.of(document, path)
			if meaning == "" {
				t.Errorf("%s: %s has no meaning in testdata/json-fields.txt", document, path)
			}
			kinds := strings.Join(slices.Sorted(maps.Keys(found[document][path])), " or ")
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", path, kinds, meaning)
		}
	}
	for key := range m.text {
		if !m.used[key] {
			t.Errorf("testdata/json-fields.txt explains %q, which no document has", key)
		}
	}
	comparePage(t, "json.md", b.String())
}

func runJSONSteps(t *testing.T) (found map[string]jsonFields, order []string) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../examples/quickstart")); err != nil {
		t.Fatal(err)
	}
	s := &person{t: t, dir: dir, env: unhurried()}
	found = map[string]jsonFields{}
	for _, step := range jsonSteps {
		if faults, ok := strings.CutPrefix(step.line, "serve "); ok {
			s.serve(faults)
			continue
		}
		_, out := s.run("{ " + step.line + "\n} 2>> errors")
		if step.document == "" {
			continue
		}
		if found[step.document] == nil {
			found[step.document], order = jsonFields{}, append(order, step.document)
		}
		found[step.document].takeAll(t, out)
	}
	return found, order
}

// serve starts an emulator for the project in the shell's folder and points the project at it.
func (s *person) serve(faults string) {
	for _, line := range []string{
		"refundctl sandbox --orders sandbox.yaml --settle-after 500ms --fault " + faults + " > sandbox.log 2>&1 &",
		`until grep -q SECRET sandbox.log; do :; done; eval "$(grep '^export CASHFREE' sandbox.log)"`,
		`sed -i "s|environment: embedded.*|environment: sandbox\n    api_version: '2023-08-01'\n    base_url: $(sed -n 's/^base_url: //p' sandbox.log)|" refundctl.yaml`,
		`printf 'parallelism: 1\nrecovery: {read_delay: 50ms, max_attempts: 1}\n' >> refundctl.yaml`,
	} {
		if code, out := s.run(line); code != 0 {
			s.t.Fatalf("%s: exit %d: %s", line, code, out)
		}
	}
}
