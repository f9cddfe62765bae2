package schema

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"refundctl/schema/yamltree"
)

//go:embed *.schema.json
var texts embed.FS

// JSON returns the embedded JSON Schema of that name: manifest, config or plan. It is draft-07, which the YAML
// servers of editors support.
func JSON(name string) ([]byte, error) {
	text, err := texts.ReadFile(name + ".schema.json")
	if err != nil {
		return nil, fmt.Errorf("there is no JSON Schema named %q", name)
	}
	return text, nil
}

// JSONSchema is a JSON Schema: its text and its compiled form.
type JSONSchema struct {
	text any // decoded; numbers keep their digits
	root *subschema
	head *subschema // a manifest's, without the items of refunds; a document with as many nulls is checked against it
}

var (
	manifestSchema = embedded("manifest")
	configSchema   = embedded("config")
)

// embedded compiles one of the program's own schemas at first use.
func embedded(name string) func() *JSONSchema {
	return sync.OnceValue(func() *JSONSchema {
		text, err := JSON(name)
		if err != nil {
			panic(err)
		}
		return CompileJSON(name, text)
	})
}

// CompileJSON compiles a JSON Schema of the program. It panics if the text is not valid: it is never input.
func CompileJSON(name string, text []byte) *JSONSchema {
	s := &JSONSchema{root: compile(name, text)}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&s.text); err != nil {
		panic(err)
	}
	head, err := json.Marshal(withoutRows(s.text, false))
	if err != nil {
		panic(err)
	}
	s.head = compile(name, head)
	return s
}

// rows is the part of a manifest's schema about one refund.
func (s *JSONSchema) rows() *subschema { return itemSchema(s.root.Properties["refunds"]) }

// withoutRows copies a schema without the items of the lists named refunds.
func withoutRows(schema any, list bool) any {
	from, ok := schema.(map[string]any)
	if !ok {
		return schema
	}
	to := make(map[string]any, len(from))
	for name, value := range from {
		if !list || name != "items" {
			to[name] = withoutRows(value, list || name == "refunds")
		}
	}
	return to
}

// limit returns the value of the keyword that failed; nil if the text does not have it.
func (s *JSONSchema) limit(f failure) any {
	_, pointer, _ := strings.Cut(f.schema, "#")
	value := s.text
	for _, token := range append(pointerTokens(pointer), f.keyword) {
		switch at := value.(type) {
		case map[string]any:
			value = at[token]
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(at) {
				return nil
			}
			value = at[i]
		default:
			return nil
		}
	}
	return value
}

// address begins the names of schemas: without a scheme the library takes them for files in the working folder.
const address = "refundctl:///"

// subschema is a compiled JSON Schema, or a part of one.
type subschema = jsonschema.Schema

func compile(name string, text []byte) *subschema {
	c := jsonschema.NewCompiler()
	c.Draft = jsonschema.Draft7
	c.ExtractAnnotations = true
	if err := c.AddResource(address+name, bytes.NewReader(text)); err != nil {
		panic(err)
	}
	return c.MustCompile(address + name)
}

// failure is one keyword of a schema that refuses a value.
type failure struct {
	pointer []string // to the value
	keyword string   // empty if a field is forbidden
	path    []string // to the keyword, from where checking began
	schema  string   // the Location of the subschema that has the keyword
}

// check validates a JSON value. Failures come in no order; there are none only if the schema accepts the value.
func check(s *subschema, value any) []failure {
	err := s.Validate(value)
	if err == nil {
		return nil
	}
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return []failure{{keyword: "type", schema: s.Location}} // a value that JSON does not have
	}
	return leaves(invalid, nil)
}

// leaves appends the keywords that fail within e. Of several alternatives it follows the one for the value's
// type; if none or more than one is for that type, the alternatives fail as a whole.
func leaves(e *jsonschema.ValidationError, found []failure) []failure {
	keyword := e.AbsoluteKeywordLocation[strings.LastIndexByte(e.AbsoluteKeywordLocation, '/')+1:]
	causes := e.Causes
	if keyword == "anyOf" || keyword == "oneOf" {
		causes = alternative(causes)
	}
	for _, cause := range causes {
		found = leaves(cause, found)
	}
	if len(causes) > 0 {
		return found
	}
	if e.Message == "not allowed" {
		keyword = ""
	}
	f := failure{pointer: pointerTokens(e.InstanceLocation), keyword: keyword, path: strings.Split(e.KeywordLocation, "/")}
	f.schema = strings.TrimSuffix(e.AbsoluteKeywordLocation, "/"+keyword)
	return append(found, f)
}

// alternative returns the one cause that is about values of the value's type.
func alternative(causes []*jsonschema.ValidationError) []*jsonschema.ValidationError {
	var fitting []*jsonschema.ValidationError
	for _, cause := range causes {
		ofType := func(f failure) bool {
			return f.keyword == "type" && strings.Join(f.pointer, "/") == strings.Join(pointerTokens(cause.InstanceLocation), "/")
		}
		if !slices.ContainsFunc(leaves(cause, nil), ofType) {
			fitting = append(fitting, cause)
		}
	}
	if len(fitting) != 1 {
		return nil
	}
	return fitting
}

// pointerTokens undoes the library's escaping: that of JSON pointers within that of URLs.
func pointerTokens(pointer string) []string {
	if pointer == "" {
		return nil
	}
	tokens := strings.Split(pointer[1:], "/")
	for i, t := range tokens {
		if plain, err := url.PathUnescape(t); err == nil {
			t = plain
		}
		tokens[i] = strings.ReplaceAll(strings.ReplaceAll(t, "~1", "/"), "~0", "~")
	}
	return tokens
}

// resolved follows a $ref, and the first part of an allOf, which names the fields.
func resolved(s *subschema) *subschema {
	for s != nil {
		switch {
		case s.Ref != nil:
			s = s.Ref
		case len(s.AllOf) > 0 && len(s.Types) == 0:
			s = s.AllOf[0]
		default:
			return s
		}
	}
	return nil
}

// fieldSchema returns the part of s about a field; nil if s does not know the field.
func fieldSchema(s *subschema, name string) *subschema {
	if s = resolved(s); s == nil {
		return nil
	}
	if field, ok := s.Properties[name]; ok {
		return resolved(field)
	}
	for form, field := range s.PatternProperties {
		if form.MatchString(name) {
			return resolved(field)
		}
	}
	rest, _ := s.AdditionalProperties.(*jsonschema.Schema)
	return resolved(rest)
}

// itemSchema returns the part of s about a list's items; nil if s is not about lists.
func itemSchema(s *subschema) *subschema {
	if s = resolved(s); s == nil {
		return nil
	}
	items, _ := s.Items.(*jsonschema.Schema)
	return resolved(items)
}

// acceptsText reports whether s accepts a text: an id, a note, an amount in quotes.
func acceptsText(s *subschema) bool { return s != nil && slices.Contains(s.Types, "string") }

// isID reports whether s is the schema of an id.
func isID(s *subschema) bool { return s != nil && s.Pattern != nil && s.Pattern.String() == idPattern }

// firstType returns the type that s names first, which is the one that people write; empty if it names none.
func firstType(s *subschema) string {
	if s == nil || len(s.Types) == 0 {
		return ""
	}
	return s.Types[0]
}

const idPattern = "^[A-Za-z0-9_-]*$"

// shape shows a subschema, or nil, to a yamltree.Converter.
type shape struct{ *subschema }

// Field returns the shape of a field.
func (s shape) Field(name string) yamltree.Shape { return shape{fieldSchema(s.subschema, name)} }

// Item returns the shape of a list's items.
func (s shape) Item() yamltree.Shape { return shape{itemSchema(s.subschema)} }

// MaxItems returns how many items a list may have; negative for any number.
func (s shape) MaxItems() int {
	if s.subschema == nil {
		return -1
	}
	return s.subschema.MaxItems
}
