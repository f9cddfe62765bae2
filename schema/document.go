package schema

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"sync"
)

// document is a JSON Schema: its text, and what is made of it.
type document struct {
	whole    any // the text
	contract *contract
	head     *contract // a manifest's, without what it says of each refund; a document is checked against it with as many nulls
}

var (
	manifestDocument = read("manifest")
	configDocument   = read("config")
	worldDocument    = read("world")
)

// read reads one of the program's texts at first use.
func read(name string) func() *document {
	return sync.OnceValue(func() *document {
		text, err := JSON(name)
		if err != nil {
			panic(err)
		}
		return newDocument(name, text)
	})
}

func newDocument(name string, text []byte) *document {
	d := &document{contract: compile(name, text)}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber() // digits stay as they are
	if err := dec.Decode(&d.whole); err != nil {
		panic(err)
	}
	head, err := json.Marshal(withoutRows(d.whole, false))
	if err != nil {
		panic(err)
	}
	d.head = compile(name, head)
	return d
}

// rows is what a manifest's contract says of the fields of a refund, one by one.
func (d *document) rows() *contract { return itemContract(d.contract.Properties["refunds"]) }

// withoutRows is a schema without the items of the lists that are called refunds.
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

// limit is what the keyword of a failure says; nil where it is not in the text.
func (d *document) limit(f failure) any {
	_, pointer, _ := strings.Cut(f.schema, "#")
	value := d.whole
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
