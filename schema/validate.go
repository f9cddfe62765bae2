package schema

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

//go:embed *.schema.json
var texts embed.FS

// JSON is the embedded JSON Schema of that name: manifest, config, world or plan. It is draft-07, as
// editors' YAML servers understand it.
func JSON(name string) ([]byte, error) {
	text, err := texts.ReadFile(name + ".schema.json")
	if err != nil {
		return nil, fmt.Errorf("there is no JSON Schema named %q", name)
	}
	return text, nil
}

// address begins the names of the contracts: without a scheme they would be files of the working
// folder, whatever that is called.
const address = "refundctl:///"

// contract is a compiled JSON Schema or a part of one.
type contract = jsonschema.Schema

// compile panics for a bad text: those of the program are no input.
func compile(name string, text []byte) *contract {
	c := jsonschema.NewCompiler()
	c.Draft = jsonschema.Draft7
	c.ExtractAnnotations = true
	if err := c.AddResource(address+name, bytes.NewReader(text)); err != nil {
		panic(err)
	}
	return c.MustCompile(address + name)
}

// failure is one thing that a contract says no to.
type failure struct {
	pointer []string // where in the value
	keyword string   // of the schema; empty where a field is forbidden
	path    []string // of the keyword in the schema, from where checking began
	schema  string   // the Location of the contract that the keyword stands in
}

// check validates a JSON value against a contract. Failures come in no order; there are none only where
// the contract accepts the value.
func check(s *contract, value any) []failure {
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

// leaves are the keywords that fail within e. Of alternatives, the one for the value's type is looked
// into; if there is no such one, or several, the alternatives fail as a whole.
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

// alternative is the one of several that is about values of the type that is there.
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

// pointerTokens undoes the library's escapes: those of JSON pointers within those of URLs.
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

// resolved is what a $ref stands for, and the first of an allOf, which names the fields.
func resolved(s *contract) *contract {
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

// fieldContract is what s says of a field; nil where it knows none of that name.
func fieldContract(s *contract, name string) *contract {
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

// itemContract is what s says of a list's items; nil where it is not about lists.
func itemContract(s *contract) *contract {
	if s = resolved(s); s == nil {
		return nil
	}
	items, _ := s.Items.(*jsonschema.Schema)
	return resolved(items)
}

// wantsText reports whether a text can stand where s is wanted: an id, a note, an amount in quotes.
func wantsText(s *contract) bool { return s != nil && slices.Contains(s.Types, "string") }

// isID reports whether s is the contract of an id.
func isID(s *contract) bool { return s != nil && s.Pattern != nil && s.Pattern.String() == idPattern }

// firstType is the type that s names first, the one that people write; empty where it names none.
func firstType(s *contract) string {
	if s == nil || len(s.Types) == 0 {
		return ""
	}
	return s.Types[0]
}

const idPattern = "^[A-Za-z0-9_-]*$"
