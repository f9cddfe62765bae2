package cli

import (
	"errors"
	"regexp"
	"strings"
)

// list is the value of a flag or variable with several elements: one a line, separated by commas, or by
// repeating the flag. A comma followed by a space is part of an element, as in "Head of returns, Pune"; any
// other element with a comma is in double quotes, as in a CSV file. Nothing is ever dropped, and an empty
// element is refused: most likely it is a variable that is not set, and it must not select everything.
type list []string

// words is a list whose elements contain no spaces, so spaces after a comma are ignored.
type words list

// The words for lists in a flag's help.
const (
	asList  = `; repeat it, or separate values with commas or newlines ("a, b" is one value)`
	asWords = "; repeat it, or separate values with commas or newlines"
)

// String returns the value as Set accepts it.
func (l *list) String() string {
	var written []string
	for _, element := range *l {
		if back, err := elements(element); err != nil || len(back) != 1 || back[0] != element {
			element = `"` + strings.ReplaceAll(element, `"`, `""`) + `"`
		}
		written = append(written, element)
	}
	return strings.Join(written, ",")
}

// Type returns the name of such a value in help.
func (l *list) Type() string { return "strings" }

// Set adds the elements of one occurrence of the flag.
func (l *list) Set(text string) error {
	more, err := elements(text)
	*l = append(*l, more...)
	return err
}

// String is (*list).String.
func (w *words) String() string { return (*list)(w).String() }

// Type is (*list).Type.
func (w *words) Type() string { return (*list)(w).Type() }

// Set is (*list).Set for elements without spaces.
func (w *words) Set(text string) error {
	return (*list)(w).Set(commaAndBlanks.ReplaceAllString(text, ","))
}

var commaAndBlanks = regexp.MustCompile(`,[ \t]+`)

// words returns the elements of a variable that has no flag, and none if it is not set. The name is without
// the prefix.
func (a *app) words(variable string) (words, error) {
	var w words
	text := a.Env(prefix + variable)
	if text == "" {
		return nil, nil
	}
	if err := w.Set(text); err != nil {
		return nil, fail(ExitInvalid, "separate values with commas or newlines", "%s %q: %v", prefix+variable, text, err)
	}
	return w, nil
}

// elements splits a text into its elements. A line end at its end does not count.
func elements(text string) (all []string, err error) {
	text = strings.TrimSuffix(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for more := true; more; {
		var one string
		if one, text, more, err = firstElement(text); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

var errEmptyElement = errors.New("a value is empty; is a variable unset?")

// firstElement returns the first element of a text, what follows the separator after it, and whether there
// was one.
func firstElement(text string) (one, rest string, more bool, err error) {
	text = strings.TrimLeft(text, " \t")
	if strings.HasPrefix(text, `"`) {
		return quotedElement(text[1:])
	}
	end := separator(text)
	if one = strings.TrimRight(text[:end], " \t"); one == "" {
		return "", "", false, errEmptyElement
	}
	return one, text[min(end+1, len(text)):], end < len(text), nil
}

// separator returns where the first element of a text without quotes ends: at a line end, or at a comma that
// is not followed by a space and more text.
func separator(text string) int {
	for i := range len(text) {
		after := strings.TrimLeft(text[i+1:], " \t")
		blank := len(after) < len(text[i+1:])
		goesOn := after != "" && after[0] != '\n' && after[0] != ','
		if text[i] == '\n' || text[i] == ',' && !(i > 0 && blank && goesOn) {
			return i
		}
	}
	return len(text)
}

// quotedElement is firstElement for a text after its opening quote. Two quotes in it mean one.
func quotedElement(text string) (one, rest string, more bool, err error) {
	for {
		part, after, closed := strings.Cut(text, `"`)
		one += part
		text = strings.TrimLeft(after, " \t")
		switch {
		case !closed:
			return "", "", false, errors.New(`a double quote is not closed; write "" for a quote within a value`)
		case strings.HasPrefix(after, `"`):
			one, text = one+`"`, after[1:]
		case text != "" && text[0] != ',' && text[0] != '\n':
			return "", "", false, errors.New(`a comma or a newline must follow a closing quote; write "" for a quote within a value`)
		case one == "":
			return "", "", false, errEmptyElement
		default:
			return one, text[min(1, len(text)):], text != "", nil
		}
	}
}
