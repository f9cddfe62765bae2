package contract

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	gocmp "github.com/google/go-cmp/cmp"
)

// TestPages_TableOfExamplesMatchesThePages compares the examples with the pages, each of which has curl
// commands with answers, an OpenAPI part, or a list of fields.
func TestPages_TableOfExamplesMatchesThePages(t *testing.T) {
	next := map[string]int{}
	for _, e := range examples {
		t.Run(e.page+" "+e.method+" "+e.path, func(t *testing.T) {
			page := string(vendor(t, "../pages/"+e.page))
			switch {
			case strings.Contains(page, "curl --request"):
				e.compareCurl(t, strings.Split(page, "curl --request ")[1:], next)
			case strings.Contains(page, "````yaml"):
				e.compareSchema(t, slice(t, []byte(page)))
			default:
				e.compareList(t, page)
			}
		})
	}
	for page, n := range next {
		if shown := strings.Count(string(vendor(t, "../pages/"+page)), "curl --request"); shown != n {
			t.Errorf("%s shows %d requests, the table has %d of them", page, shown, n)
		}
	}
}

// compareCurl compares an example with the next command of a page and the answer printed below it.
func (e example) compareCurl(t *testing.T, commands []string, next map[string]int) {
	t.Helper()
	if next[e.page] >= len(commands) {
		t.Fatal("the page has fewer requests")
	}
	command := commands[next[e.page]]
	next[e.page]++
	shown := example{method: strings.Fields(command)[0]}
	address, err := url.Parse(regexp.MustCompile(`--url (\S+)`).FindStringSubmatch(command)[1])
	if err != nil {
		t.Fatal(err)
	}
	shown.path = regexp.MustCompile(`{\w+}`).ReplaceAllString(address.Path, "pay_summer_fashion_001_upi")
	if shown.method != e.method || shown.path != e.path {
		t.Errorf("the page shows %s %s", shown.method, shown.path)
	}
	headers := map[string]bool{"accept": true}
	for name := range e.headers() {
		headers[name] = true
	}
	for _, header := range regexp.MustCompile(`--header '([^:]+): ([^']*)'`).FindAllStringSubmatch(command, -1) {
		name := strings.ToLower(header[1])
		if !headers[name] || name == "x-api-version" && header[2] != e.version {
			t.Errorf("the page has the header %s: %s", name, header[2])
		}
	}
	data := regexp.MustCompile(`(?s)--data '(.*?)'`).FindStringSubmatch(command)
	if data == nil {
		data = []string{"", "null"}
	}
	sent := e.body
	if sent == "" {
		sent = "null"
	}
	if diff := gocmp.Diff(typesOf(t, []byte(data[1])), typesOf(t, []byte(sent))); diff != "" {
		t.Errorf("the request (-page +table):\n%s", diff)
	}
	if diff := gocmp.Diff(typesOf(t, printed(t, command)), fieldList(e.fields)); diff != "" {
		t.Errorf("the answer (-page +table):\n%s", diff)
	}
}

// printed returns the first JSON value below a command.
func printed(t *testing.T, command string) []byte {
	t.Helper()
	below := command[strings.LastIndex(command, "--"):] // its last option
	below = below[strings.Index(below, "'")+1:]
	below = below[strings.Index(below, "'")+1:]
	var value json.RawMessage
	if err := json.NewDecoder(strings.NewReader(below[strings.IndexAny(below, "{["):])).Decode(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

// compareSchema compares the fields with those that a page declares. A null fits any type.
func (e example) compareSchema(t *testing.T, text []byte) {
	t.Helper()
	spec, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range spec.Paths.Map() {
		e.compareFields(t, declared(path.Post.Responses.Status(200).Value.Content.Get("application/json").Schema.Value), fieldList(e.fields))
		e.compareFields(t, declared(path.Post.RequestBody.Value.Content.Get("application/json").Schema.Value), typesOf(t, []byte(e.body)))
	}
}

func declared(s *openapi3.Schema) map[string]string {
	for _, part := range s.AllOf {
		s = part.Value
	}
	fields := map[string]string{}
	for name, property := range s.Properties {
		fields[name] = strings.Replace(property.Value.Type.Slice()[0], "integer", "number", 1)
	}
	return fields
}

// compareList compares the fields with a page that lists names and types in turn.
func (e example) compareList(t *testing.T, page string) {
	t.Helper()
	_, page, _ = strings.Cut(page, "\nBody\n")
	sent, got, _ := strings.Cut(page, "\nResponse\n")
	for part, fields := range map[string][]string{sent: typesOf(t, []byte(e.body)), got: fieldList(e.fields)} {
		shown := map[string]string{}
		for _, m := range regexp.MustCompile(`(?m)^([a-z_]+)\n(string|number)$`).FindAllStringSubmatch(part, -1) {
			shown[m[1]] = m[2]
		}
		e.compareFields(t, shown, fields)
	}
}

func (e example) compareFields(t *testing.T, shown map[string]string, fields []string) {
	t.Helper()
	for _, field := range fields {
		name, kind, _ := strings.Cut(field, ":")
		if name != "answer" && !strings.Contains(name, ".") && shown[name] != kind && !(kind == "null" && shown[name] != "") {
			t.Errorf("%s: the page has the type %q", field, shown[name])
		}
	}
	for name, kind := range shown {
		if !slices.Contains(fields, name+":"+kind) && !slices.Contains(fields, name+":null") {
			t.Errorf("%s:%s is on the page and not in the table", name, kind)
		}
	}
}
