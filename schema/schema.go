// Package schema defines what manifests and the configuration may contain. It checks them against the embedded
// JSON Schemas and against the rules that a schema cannot express, and returns either their content or every
// problem in them, each with its place and a hint.
//
// It never talks to the API, never writes a file, and never changes what was written: amounts and ids are the
// characters of the file. The command line calls it; plan gets its specs. The sandbox checks its own file with it.
package schema

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"reflect"
	"runtime"

	"refundctl/internal/diag"
	"refundctl/internal/refund"
	"refundctl/internal/task"
	"refundctl/schema/yamltree"
)

// Options say where paths start, and what is known about the accounts.
type Options struct {
	Root     string             // the project's folder
	Accounts map[string]Account // by name; nil skips the rules that need the configuration
	Instead  map[string][]byte  // by name: texts to read instead of these Files, or in addition
}

// Account is what the rules of manifests need to know about an account.
type Account struct {
	API         string // cashfree or flowwise
	Environment string // embedded, sandbox or production
	APIVersion  string // YYYY-MM-DD
}

// Result is the content of the manifests.
type Result struct {
	Specs       []refund.Spec     // in the order of Files and lines, without refunds that have an error
	Diagnostics []diag.Diagnostic // of all files, sorted
	Digest      string            // SHA-256 in hex over the names and contents of all files that were found
	Files       []string          // the manifests, each once, sorted, relative to Root with forward slashes
}

// Load reads manifests from files and folders. Problems in them are diagnostics; the error is about a run that cannot
// finish, such as a cancelled ctx. The order of paths never matters.
func Load(ctx context.Context, paths []string, opts Options) (Result, error) {
	files, missing, err := Find(ctx, paths, opts.Root)
	if err != nil {
		return Result{}, fmt.Errorf("looking for manifests: %w", err)
	}
	files = opts.addTexts(files)
	read := make([]*manifestFile, len(files))
	group, ctx := task.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, f := range files {
		group.Go(func() error {
			if ctx.Err() == nil {
				read[i] = readManifest(f, opts)
			}
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return Result{}, fmt.Errorf("reading manifests: %w", err)
	}
	return merge(read, missing), nil
}

// Digest returns the Digest that Load would return for the same paths now, without checking the files. If it differs
// from an earlier Result's, a file has changed.
func Digest(ctx context.Context, paths []string, opts Options) (string, error) {
	files, _, err := Find(ctx, paths, opts.Root)
	if err != nil {
		return "", fmt.Errorf("looking for manifests: %w", err)
	}
	all := digest{sha256.New()}
	for _, f := range opts.addTexts(files) {
		_, sum := opts.read(&yamltree.Diagnostics{File: f.Name}, f)
		all.add(f.Name, sum)
	}
	return all.String(), nil
}

// digest covers the names and contents of files.
type digest struct{ hash.Hash }

func (d digest) add(name string, sum [sha256.Size]byte) {
	_, _ = fmt.Fprintf(d, "%d:%s %x\n", len(name), name, sum)
}

// String returns the digest so far, in hex.
func (d digest) String() string { return hex.EncodeToString(d.Sum(nil)) }

func merge(read []*manifestFile, found []diag.Diagnostic) Result {
	total := 0
	for _, f := range read {
		total += len(f.ids)
	}
	r := Result{Diagnostics: found, Specs: make([]refund.Spec, 0, total)}
	all := digest{sha256.New()}
	first := make(map[usedID]diag.Place, total)
	for _, f := range read {
		f.reportDuplicates(first)
		if !f.passed {
			r.Files = append(r.Files, f.out.File)
		}
		r.Specs = append(r.Specs, f.specs...)
		r.Diagnostics = append(r.Diagnostics, f.out.All()...)
		all.add(f.out.File, f.sum)
	}
	diag.Sort(r.Diagnostics)
	r.Digest = all.String()
	return r
}

// SameRefunds reports whether two manifests ask for the same refunds, wherever in the text they are.
func SameRefunds(before, after []byte) bool {
	return reflect.DeepEqual(specsWithoutPlaces(before), specsWithoutPlaces(after))
}

func specsWithoutPlaces(text []byte) []refund.Spec {
	m := newManifest("", nil)
	m.read(text)
	for i := range m.specs {
		m.specs[i].Source = diag.Place{}
	}
	return m.specs
}
