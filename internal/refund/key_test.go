package refund

import (
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// golden reads a list of vectors. They are a promise to every run that was ever interrupted: a
// change here makes a second refund possible.
func golden[T any](t *testing.T, name string) []T {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var vectors []T
	if err := json.Unmarshal(text, &vectors); err != nil || len(vectors) < 5 {
		t.Fatalf("%s: %d vectors, %v", name, len(vectors), err)
	}
	return vectors
}

type keyVector struct {
	Account  string `json:"account"`
	Kind     Kind   `json:"kind"`
	ParentID string `json:"parent_id"`
	RefundID string `json:"refund_id"`
	Attempt  int    `json:"attempt"`
	Key      string `json:"key"`
}

func (v keyVector) identity() Identity {
	return Identity{Parent{v.Account, v.Kind, v.ParentID}, v.RefundID}
}

func TestR4_KeysMatchTheGoldenFile(t *testing.T) {
	for _, v := range golden[keyVector](t, "keys.json") {
		if got := Key(v.identity(), v.Attempt); got != v.Key {
			t.Errorf("Key(%+v, %d) = %s, want %s", v.identity(), v.Attempt, got, v.Key)
		}
	}
}

// The vectors were made by Python's uuid.uuid5; here they are made again from the words of RFC
// 9562, section 5.5, on hexadecimal text.
func TestR4_GoldenKeysAreVersion5UUIDs(t *testing.T) {
	for _, v := range golden[keyVector](t, "keys.json") {
		space, err := hex.DecodeString(strings.ReplaceAll("5f0c5c9e-2b61-4d0a-9e63-1d7a448b0e27", "-", ""))
		if err != nil {
			t.Fatal(err)
		}
		name := ""
		for _, part := range []string{v.Account, string(v.Kind), v.ParentID, v.RefundID, fmt.Sprint(v.Attempt)} {
			name += fmt.Sprintf("%d:%s", len(part), part)
		}
		sum := fmt.Sprintf("%x", sha1.Sum(append(space, name...)))
		variant := map[byte]string{'0': "8", '4': "8", '8': "8", 'c': "8", '1': "9", '5': "9", '9': "9", 'd': "9",
			'2': "a", '6': "a", 'a': "a", 'e': "a", '3': "b", '7': "b", 'b': "b", 'f': "b"}[sum[16]]
		want := strings.Join([]string{sum[0:8], sum[8:12], "5" + sum[13:16], variant + sum[17:20], sum[20:32]}, "-")
		if v.Key != want {
			t.Errorf("%+v: recomputed %s", v, want)
		}
	}
}

func TestR4_DifferentIdentitiesAndAttemptsHaveDifferentKeys(t *testing.T) {
	shape := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	type wish struct {
		id      Identity
		attempt int
	}
	seen := map[string]wish{}
	for _, v := range golden[keyVector](t, "keys.json") {
		for attempt := range 30 {
			w := wish{v.identity(), attempt}
			key := Key(w.id, w.attempt)
			if other, taken := seen[key]; taken && other != w {
				t.Errorf("%+v and %+v share the key %s", w, other, key)
			}
			if !shape.MatchString(key) {
				t.Errorf("%+v: %s is no version 5 UUID", w, key)
			}
			seen[key] = w
		}
	}
}

func TestR4_TheKeyDependsOnNeitherAmountNorManifest(t *testing.T) {
	a, b := full(), full()
	b.Amount.Minor++
	b.Note, b.Speed, b.Splits, b.Labels, b.Hold, b.Account = "other", "INSTANT", nil, nil, true, "renamed"
	b.Source.Line++
	if Key(a.Identity("f"), 1) != Key(b.Identity("f"), 1) {
		t.Error("the key moved with the amount, the texts or the place")
	}
}

func TestR15_FingerprintsMatchTheGoldenFile(t *testing.T) {
	seen := map[string]bool{}
	for _, v := range golden[struct{ API, Environment, Merchant, Fingerprint string }](t, "fingerprints.json") {
		got := Fingerprint(v.API, v.Environment, v.Merchant)
		if got != v.Fingerprint || seen[got] {
			t.Errorf("Fingerprint(%q, %q, %q) = %s, want %s, unlike any other", v.API, v.Environment, v.Merchant, got, v.Fingerprint)
		}
		seen[got] = true
	}
}
