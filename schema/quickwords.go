package schema

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maker makes the look of one keyword: what it says, and the schema that it stands in.
type maker func(m *lookMaker, says any, in map[string]any) look

// keywordLooks are the keywords that a quick look knows; nil for those that judge nothing by themselves.
func keywordLooks() map[string]maker {
	return map[string]maker{
		"$schema": nil, "$comment": nil, "title": nil, "description": nil, "default": nil, "examples": nil, "definitions": nil,
		"then": nil, "else": nil, // of if
		"type": lookType, "enum": lookEnum, "const": lookConst, "pattern": lookPattern, "minLength": lookCount(1, characters), "maxLength": lookCount(-1, characters),
		"minimum": lookBound(1, false), "exclusiveMinimum": lookBound(1, true), "maximum": lookBound(-1, false), "exclusiveMaximum": lookBound(-1, true),
		"multipleOf": lookMultiple, "required": lookRequired, "properties": lookProperties, "patternProperties": lookPatterns,
		"additionalProperties": lookAdditional, "dependencies": lookDependencies, "minProperties": lookCount(1, properties), "maxProperties": lookCount(-1, properties),
		"items": lookItems, "minItems": lookCount(1, items), "maxItems": lookCount(-1, items), "uniqueItems": lookUnique,
		"not": lookNot, "allOf": func(m *lookMaker, says any, _ map[string]any) look { return all(m.list(says)) }, "anyOf": lookAny, "if": lookIf,
	}
}

func unknown(any) verdict { return unsure }

func lookType(_ *lookMaker, says any, _ map[string]any) look {
	names, is := says.([]any)
	if !is {
		names = []any{says}
	}
	return func(value any) verdict {
		have := ""
		switch value.(type) {
		case map[string]any:
			have = "object"
		case []any:
			have = "array"
		case string:
			have = "string"
		case bool:
			have = "boolean"
		case nil:
			have = "null"
		case json.Number:
			have = "number"
		}
		for _, name := range names {
			if name == have {
				return yes
			}
			if n, short := thousandths(value); name == "integer" && have == "number" {
				if !short {
					return unsure
				}
				if n%1000 == 0 {
					return yes
				}
			}
		}
		return no
	}
}

func lookEnum(_ *lookMaker, says any, _ map[string]any) look {
	words := map[string]bool{}
	list, _ := says.([]any)
	for _, w := range list {
		text, is := w.(string)
		if !is {
			return unknown
		}
		words[text] = true
	}
	return func(value any) verdict {
		text, is := value.(string)
		return sure(is && words[text])
	}
}

func lookConst(_ *lookMaker, says any, _ map[string]any) look {
	return func(value any) verdict {
		switch value.(type) {
		case string, json.Number:
			if value == says {
				return yes
			}
		}
		return unsure
	}
}

func lookPattern(_ *lookMaker, says any, _ map[string]any) look {
	form, err := regexp.Compile(fmt.Sprint(says))
	if err != nil {
		return unknown
	}
	return func(value any) verdict {
		text, is := value.(string)
		return sure(!is || form.MatchString(text))
	}
}

// lookCount is a minimum for 1, a maximum for -1, of what count finds in a value; -1 is none.
func lookCount(sign int, count func(any) int) maker {
	return func(_ *lookMaker, says any, _ map[string]any) look {
		limit, err := strconv.Atoi(fmt.Sprint(says))
		if err != nil {
			return unknown
		}
		return func(value any) verdict {
			n := count(value)
			return sure(n < 0 || sign*(n-limit) >= 0)
		}
	}
}

func items(value any) int {
	if list, is := value.([]any); is {
		return len(list)
	}
	return -1
}

func properties(value any) int {
	if fields, is := value.(map[string]any); is {
		return len(fields)
	}
	return -1
}

func characters(value any) int {
	if text, is := value.(string); is {
		return utf8.RuneCountInString(text)
	}
	return -1
}

// thousandths is a short plain number as a count of thousandths.
func thousandths(value any) (n int64, short bool) {
	text, is := value.(json.Number)
	if !is || len(text) > 15 {
		return 0, false
	}
	whole, fraction, _ := strings.Cut(string(text), ".")
	if len(fraction) > 3 {
		return 0, false
	}
	n, err := strconv.ParseInt(whole+(fraction + "000")[:3], 10, 64)
	return n, err == nil && whole != "" && whole[0] != '-'
}

// limitOf is a limit in thousandths, and whether it is exactly that. One beyond all short numbers is cut.
func limitOf(says any) (n int64, exact bool) {
	r, ok := new(big.Rat).SetString(fmt.Sprint(says))
	if !ok {
		return 0, false
	}
	r.Mul(r, big.NewRat(1000, 1))
	const most = 1_000_000_000_000_000_000
	switch {
	case r.Cmp(big.NewRat(most, 1)) > 0:
		return most, true
	case r.Cmp(big.NewRat(-most, 1)) < 0:
		return -most, true
	}
	return r.Num().Int64(), r.IsInt() && r.Num().IsInt64()
}

// lookBound is a minimum for 1, a maximum for -1.
func lookBound(sign int64, strict bool) maker {
	return func(_ *lookMaker, says any, _ map[string]any) look {
		limit, exact := limitOf(says)
		return func(value any) verdict {
			n, short := thousandths(value)
			if _, is := value.(json.Number); !is {
				return yes
			}
			if !exact || !short {
				return unsure
			}
			return sure(sign*(n-limit) > 0 || !strict && n == limit)
		}
	}
}

func lookMultiple(_ *lookMaker, says any, _ map[string]any) look {
	unit, exact := limitOf(says)
	return func(value any) verdict {
		n, short := thousandths(value)
		if _, is := value.(json.Number); !is {
			return yes
		}
		if !exact || !short || unit <= 0 {
			return unsure
		}
		return sure(n%unit == 0)
	}
}
