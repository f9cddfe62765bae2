package schema

import "strings"

// Most refunds are as they should be. A quick look accepts those at a small part of what the library
// costs. It is made of the same text, knows the usual keywords, and decides only what it is sure of: a
// keyword that it does not know, or a number that is not short and plain, is left to the library, which
// judges and explains the rest.

// verdict is what a quick look comes to.
type verdict int8

const (
	unsure verdict = iota
	yes
	no
)

// look judges a value.
type look func(value any) verdict

// lookMaker makes looks out of a schema's text.
type lookMaker struct {
	whole any
	made  map[string]*look // of what a $ref names
}

func (m *lookMaker) of(schema any) look {
	if allowed, is := schema.(bool); is {
		return func(any) verdict { return sure(allowed) }
	}
	s, _ := schema.(map[string]any)
	if ref, is := s["$ref"].(string); is {
		return m.ref(ref) // draft-07 ignores everything next to it
	}
	var looks []look
	for keyword, says := range s {
		make, known := keywordLooks()[keyword]
		if !known {
			return func(any) verdict { return unsure }
		}
		if make != nil {
			looks = append(looks, make(m, says, s))
		}
	}
	return all(looks)
}

func (m *lookMaker) ref(ref string) look {
	made, there := m.made[ref]
	if !there {
		made = new(look)
		m.made[ref] = made
		target := m.whole
		for _, token := range pointerTokens(strings.TrimPrefix(ref, "#")) {
			fields, _ := target.(map[string]any)
			target = fields[token]
		}
		*made = m.of(target)
	}
	return func(value any) verdict { return (*made)(value) }
}

func (m *lookMaker) list(schemas any) (looks []look) {
	items, _ := schemas.([]any)
	for _, s := range items {
		looks = append(looks, m.of(s))
	}
	return looks
}

func (m *lookMaker) named(schemas any) map[string]look {
	fields, _ := schemas.(map[string]any)
	looks := make(map[string]look, len(fields))
	for name, s := range fields {
		looks[name] = m.of(s)
	}
	return looks
}

func sure(is bool) verdict {
	if is {
		return yes
	}
	return no
}

// all is no where one look says so, and else unsure where one is.
func all(looks []look) look {
	return func(value any) verdict {
		together := yes
		for _, l := range looks {
			together = both(together, l(value))
			if together == no {
				return no
			}
		}
		return together
	}
}

func both(a, b verdict) verdict {
	switch {
	case a == no || b == no:
		return no
	case a == unsure || b == unsure:
		return unsure
	}
	return yes
}
