// Package schema says what may be asked: it reads manifests, the configuration and the emulator's
// file, holds them against the embedded JSON Schemas and the rules that a schema cannot express,
// and returns either what they say or every problem in them, each with its place and a hint.
//
// It never talks to the API, never writes a file, and never changes what was written: amounts and
// ids are the characters of the file. The command line calls it; plan gets its specs.
package schema

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"runtime"

	"golang.org/x/sync/errgroup"

	"refundctl/internal/diag"
	"refundctl/internal/refund"
)

// Options say where paths and file names start, and what is known of the accounts.
type Options struct {
	Root     string             // the project's folder
	Accounts map[string]Account // by name; nil: rules that need the configuration are not checked
	Instead  map[string][]byte  // texts that are read instead of these Files, or as further ones: what they would say
}

// Account is what the rules of a manifest need to know of an account.
type Account struct {
	API         string // cashfree or flowwise
	Environment string // embedded, sandbox or production
	APIVersion  string // YYYY-MM-DD
}

// Result is what manifests say.
type Result struct {
	Specs       []refund.Spec     // in the order of Files and lines; refunds with an error are left out
	Diagnostics []diag.Diagnostic // of all files, sorted
	Digest      string            // SHA-256 in hex over the names and contents of Files
	Files       []string          // each once, sorted, relative to Root with forward slashes
}

// Load reads manifests from files and folders. Problems in them are diagnostics; the error is only
// for a run that cannot be finished, such as a cancelled ctx. The order of paths never matters.
func Load(ctx context.Context, paths []string, opts Options) (Result, error) {
	files, missing, err := gather(ctx, paths, opts.Root)
	if err != nil {
		return Result{}, fmt.Errorf("looking for manifests: %w", err)
	}
	files = opts.with(files)
	read := make([]*manifestFile, len(files))
	group, ctx := errgroup.WithContext(ctx)
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

// Digest is the Result's Digest of the same paths, read now: Load would see something else where it
// differs. Nothing in the files is judged.
func Digest(ctx context.Context, paths []string, opts Options) (string, error) {
	files, _, err := gather(ctx, paths, opts.Root)
	if err != nil {
		return "", fmt.Errorf("looking for manifests: %w", err)
	}
	all := digest{sha256.New()}
	for _, f := range opts.with(files) {
		_, sum := opts.slurp(&sink{file: f.name}, f)
		all.add(f.name, sum)
	}
	return all.String(), nil
}

// digest is over the names and contents of files.
type digest struct{ hash.Hash }

func (d digest) add(name string, sum [sha256.Size]byte) {
	_, _ = fmt.Fprintf(d, "%d:%s %x\n", len(name), name, sum)
}

// String is the digest so far, in hex.
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
		f.refuseTwins(first)
		r.Files = append(r.Files, f.out.file)
		r.Specs = append(r.Specs, f.specs...)
		r.Diagnostics = append(r.Diagnostics, f.out.all()...)
		all.add(f.out.file, f.sum)
	}
	diag.Sort(r.Diagnostics)
	r.Digest = all.String()
	return r
}
