package schema

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"

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

// contract is a compiled JSON Schema or a part of one.
type contract = jsonschema.Schema

var (
	manifestContract = compiled("manifest")
	configContract   = compiled("config")
	worldContract    = compiled("world")
)

// compiled compiles at first use. The texts are part of the program: a bad one is a bug, not input.
func compiled(name string) func() *contract {
	return sync.OnceValue(func() *contract {
		text, err := JSON(name)
		if err != nil {
			panic(err)
		}
		c := jsonschema.NewCompiler()
		c.Draft = jsonschema.Draft7
		c.ExtractAnnotations = true
		address := "refundctl:///" + name // without a scheme it would be a file of the working folder, whatever that is called
		if err := c.AddResource(address, bytes.NewReader(text)); err != nil {
			panic(err)
		}
		return c.MustCompile(address)
	})
}

// failure is one thing that a contract says no to.
type failure struct {
	pointer []string // where in the value
	keyword string   // of the schema; empty where a field is forbidden
	path    []string // of the keyword in the schema, from where checking began
}

// check holds a JSON value against a contract. Failures come in no order.
func check(s *contract, value any) []failure {
	var invalid *jsonschema.ValidationError
	if err := s.Validate(value); !errors.As(err, &invalid) {
		return nil
	}
	return leaves(invalid, nil)
}

func leaves(e *jsonschema.ValidationError, found []failure) []failure {
	for _, cause := range e.Causes {
		found = leaves(cause, found)
	}
	if len(e.Causes) > 0 {
		return found
	}
	keyword := e.AbsoluteKeywordLocation[strings.LastIndexByte(e.AbsoluteKeywordLocation, '/')+1:]
	if e.Message == "not allowed" {
		keyword = ""
	}
	return append(found, failure{pointerTokens(e.InstanceLocation), keyword, strings.Split(e.KeywordLocation, "/")})
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
		case len(s.AllOf) > 0:
			s = s.AllOf[0]
		default:
			return s
		}
	}
	return nil
}

// rowContracts are the two halves of what a manifest's contract says of a refund: its fields one by
// one, and which of them fit together.
func rowContracts() (fields, kind *contract) {
	items, _ := resolved(manifestContract().Properties["refunds"]).Items.(*jsonschema.Schema)
	return resolved(items.AllOf[0]), resolved(items.AllOf[1])
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

// wanted is the type that a scalar is read as, the first that its contract names, and whether it
// is one of the ids.
func wanted(s *contract) (kind string, isID bool) {
	if s == nil || len(s.Types) == 0 {
		return "string", false
	}
	return s.Types[0], s.Pattern != nil && s.Pattern.String() == idPattern
}

const idPattern = "^[A-Za-z0-9_-]*$"
