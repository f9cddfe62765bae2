package schema

import (
	"fmt"
	"regexp"
)

// The keywords about fields, items, and other schemas.

func lookRequired(_ *lookMaker, says any, _ map[string]any) look {
	names, _ := says.([]any)
	return func(value any) verdict {
		fields, is := value.(map[string]any)
		for _, name := range names {
			if _, there := fields[fmt.Sprint(name)]; is && !there {
				return no
			}
		}
		return yes
	}
}

func lookProperties(m *lookMaker, says any, _ map[string]any) look {
	looks := m.named(says)
	return func(value any) verdict {
		fields, _ := value.(map[string]any)
		together := yes
		for name, v := range fields {
			if l, there := looks[name]; there {
				together = both(together, l(v))
			}
		}
		return together
	}
}

func lookPatterns(m *lookMaker, says any, _ map[string]any) look {
	forms, sound := formsOf(says)
	looks := m.named(says)
	return func(value any) verdict {
		fields, _ := value.(map[string]any)
		if !sound {
			return unsure
		}
		together := yes
		for name, v := range fields {
			for text, form := range forms {
				if form.MatchString(name) {
					together = both(together, looks[text](v))
				}
			}
		}
		return together
	}
}

func formsOf(says any) (forms map[string]*regexp.Regexp, sound bool) {
	list, _ := says.(map[string]any)
	forms = make(map[string]*regexp.Regexp, len(list))
	for text := range list {
		form, err := regexp.Compile(text)
		if err != nil {
			return nil, false
		}
		forms[text] = form
	}
	return forms, true
}

func lookAdditional(m *lookMaker, says any, in map[string]any) look {
	named, _ := in["properties"].(map[string]any)
	forms, sound := formsOf(in["patternProperties"])
	other := m.of(says)
	return func(value any) verdict {
		fields, _ := value.(map[string]any)
		if !sound {
			return unsure
		}
		together := yes
		for name, v := range fields {
			if _, there := named[name]; !there && !matches(forms, name) {
				together = both(together, other(v))
			}
		}
		return together
	}
}

func matches(forms map[string]*regexp.Regexp, name string) bool {
	for _, form := range forms {
		if form.MatchString(name) {
			return true
		}
	}
	return false
}

func lookDependencies(m *lookMaker, says any, _ map[string]any) look {
	list, _ := says.(map[string]any)
	looks := make(map[string]look, len(list))
	for name, s := range list {
		looks[name] = m.of(s)
		if _, names := s.([]any); names {
			looks[name] = lookRequired(m, s, nil)
		}
	}
	return func(value any) verdict {
		fields, _ := value.(map[string]any)
		together := yes
		for name, l := range looks {
			if _, there := fields[name]; there {
				together = both(together, l(value))
			}
		}
		return together
	}
}

func lookItems(m *lookMaker, says any, _ map[string]any) look {
	if _, tuple := says.([]any); tuple {
		return unknown
	}
	item := m.of(says)
	return func(value any) verdict {
		list, _ := value.([]any)
		together := yes
		for _, v := range list {
			together = both(together, item(v))
		}
		return together
	}
}

func lookUnique(_ *lookMaker, says any, _ map[string]any) look {
	return func(value any) verdict {
		list, _ := value.([]any)
		seen := make(map[string]bool, len(list))
		for _, v := range list {
			text, is := v.(string)
			if !is || says != true {
				return unsure
			}
			if seen[text] {
				return no
			}
			seen[text] = true
		}
		return yes
	}
}

func lookNot(m *lookMaker, says any, _ map[string]any) look {
	l := m.of(says)
	return func(value any) verdict {
		switch l(value) {
		case yes:
			return no
		case no:
			return yes
		}
		return unsure
	}
}

func lookAny(m *lookMaker, says any, _ map[string]any) look {
	looks := m.list(says)
	return func(value any) verdict {
		together := no
		for _, l := range looks {
			switch l(value) {
			case yes:
				return yes
			case unsure:
				together = unsure
			}
		}
		return together
	}
}

func lookIf(m *lookMaker, says any, in map[string]any) look {
	condition, branches := m.of(says), map[verdict]look{}
	for v, name := range map[verdict]string{yes: "then", no: "else"} {
		if s, there := in[name]; there {
			branches[v] = m.of(s)
		}
	}
	return func(value any) verdict {
		is := condition(value)
		branch, there := branches[is]
		switch {
		case is == unsure:
			return unsure
		case !there:
			return yes
		}
		return branch(value)
	}
}
