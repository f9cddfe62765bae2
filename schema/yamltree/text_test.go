package yamltree

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf16"
)

// checked returns the places, codes and messages that CheckText reports.
func checked(data []byte) (found []string, ok bool) {
	out := &Diagnostics{}
	_, ok = CheckText(out, data)
	for _, d := range out.All() {
		found = append(found, d.Place.String()+" "+d.Code+" "+d.Message)
	}
	return found, ok
}

func TestOtherEncodingsAreNamed(t *testing.T) {
	encode := func(width, first int, text string) (data []byte) {
		for _, u := range utf16.Encode([]rune(text)) {
			unit := make([]byte, width)
			unit[first], unit[(first+1)%width] = byte(u), 0
			if width == 2 {
				unit[1-first] = byte(u >> 8)
			}
			if width == 4 {
				next := map[int]int{0: 1, 3: 2}[first]
				unit[next] = byte(u >> 8)
			}
			data = append(data, unit...)
		}
		return data
	}
	for _, with := range []string{"", "\uFEFF"} {
		for what, data := range map[string][]byte{
			"UTF-16": encode(2, 0, with+"version: 1\n"), "UTF-16 ": encode(2, 1, with+"version: 1\n"),
			"UTF-32": encode(4, 0, with+"version: 1\n"), "UTF-32 ": encode(4, 3, with+"version: 1\n"),
		} {
			if got, ok := checked(data); ok || len(got) != 1 || got[0] != ":1:1 encoding the file is "+strings.TrimSpace(what) {
				t.Errorf("%q: %q", what, got)
			}
		}
	}
}

func TestWhatGitLeavesIsNamed(t *testing.T) {
	for text, want := range map[string]string{
		"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n":         ":1:1 git_lfs",
		"version: 1\r\n<<<<<<< HEAD\r\nrefunds: []\r\n=======\r\n>>>>>>> june\r\n":    ":2:1 conflict_marker",
		"version: 1\n=======\nrefunds: []\n":                                          ":2:1 conflict_marker",
		"version: 1\n>>>>>>> june\n":                                                  ":2:1 conflict_marker",
		"||||||| base":                                                                ":1:1 conflict_marker",
		"version: 1\n========\n=======x\n note: |\n  =======\n  <<<<<<< x\n# <<<<<<<": "",
	} {
		got, ok := checked([]byte(text))
		if ok != (want == "") || !strings.HasPrefix(strings.Join(got, ""), want) || len(got) > 1 {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestEachByteOrderMarkWithinAFileIsNamed(t *testing.T) {
	got, ok := checked([]byte("\uFEFF\uFEFFa: 1\n---\n\uFEFFa: 1\n"))
	if want := []string{":1:1 byte_order_mark a byte order mark (U+FEFF) is within the file", ":3:1 byte_order_mark a byte order mark (U+FEFF) is within the file"}; ok || strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("%q", got)
	}
}

func TestOnlyDirectivesThatMeanTheSameAreAccepted(t *testing.T) {
	for text, want := range map[string]string{
		"%YAML 1.2\n---\na: 1\n": "", "%YAML 1.1 # x\r\n---\r\na: 1\r\n": "", "\uFEFF# x\n%YAML\t1.2\n---\na: 1\n---\nb: 1\n%YAML 1.2\n---\nc: 1\n": "",
		"%YAML 1.3\n---\n": ":1:1 syntax %YAML 1.3", "a: 1\n...\n%YAML 2.0\n---\nb: 1\n": ":3:1 syntax %YAML 2.0", "%TAG ! tag:example.com,2000:\n---\na: 1\n": ":1:1 yaml_tag %TAG",
		"a: 50%\nb: |\n  %YAML 3\n": "",
	} {
		data := []byte(text)
		got, ok := checked(data)
		if ok != (want == "") || !strings.HasPrefix(strings.Join(got, ""), want) || len(got) > 1 {
			t.Errorf("%q: %q", text, got)
		}
		if !ok {
			continue
		}
		data = bytes.TrimPrefix(data, []byte(ByteOrderMark))
		before := bytes.Clone(data)
		if err := Documents(data, func(*Node) {}); err != nil || !bytes.Equal(before, data) {
			t.Errorf("%q: %v, or the text was changed", text, err)
		}
	}
	var line int
	if err := Documents([]byte("# x\n%YAML 1.2\n---\na: 1\n"), func(root *Node) { line = root.Line }); err != nil || line != 4 {
		t.Errorf("line %d, %v", line, err)
	}
}

func TestADirectiveThatIsNotYAMLHasAHint(t *testing.T) {
	for _, text := range []string{"%YAML 1.2\na: 1\n", "%YAML 1.2\n# x\na: 1\n", "%YAML 1.2\n%YAML 1.2\n---\na: 1\n", "%FOO bar\n---\na: 1\n"} {
		out := &Diagnostics{}
		if err := Documents([]byte(text), func(*Node) {}); err != nil {
			ReportSyntax(out, []byte(text), err)
		}
		if found := out.All(); len(found) != 1 || !strings.Contains(found[0].Hint, "--- below it") {
			t.Errorf("%q: %+v", text, found)
		}
	}
	const other = "[a: 1]\nb: 2\n"
	out := &Diagnostics{}
	ReportSyntax(out, []byte(other), Documents([]byte(other), func(*Node) {}))
	if found := out.All(); len(found) != 1 || strings.Contains(found[0].Hint, "%YAML") {
		t.Errorf("without a directive: %+v", found)
	}
}
