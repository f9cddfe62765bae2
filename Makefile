# Every target runs without prompts. They need Go, git and make; `test` also needs a C compiler.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c

VERSION     ?= $(shell git describe --tags --always --dirty --abbrev=12 2>/dev/null || echo unknown)
COMMIT      ?= $(shell TZ=UTC git log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format='%H %cd' 2>/dev/null)
STATICCHECK ?= honnef.co/go/tools/cmd/staticcheck@v0.8.2
FUZZTIME    ?= 10s
BENCHTIME   ?= 1s
SEEDS       ?= 20000
SEED        ?= 0
SAMPLETIME  ?= 4m
WORD        ?=

# Enough seeds for the simulation to notice every mutant that it must.
MUTANT_SEEDS ?= 6000
PKG         ?= ./...

export CGO_ENABLED ?= 0
export GOFLAGS ?= -buildvcs=false

# The order of ci: the steps that fail fastest come first.
CI_STEPS := fmt-check tidy-check vet build arch rules staticcheck vulncheck test sim mutants-sample examples lint-examples readme release-check fuzz

.PHONY: help build release release-check image test race-ready vet fmt-check tidy-check staticcheck vulncheck arch sim \
        mutants mutants-sample rules rules-update fuzz bench examples lint-examples readme demo ci clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/refundctl, static, with the version of git describe
	go build -trimpath -ldflags "-s -w -X 'refundctl/internal/cli.build=$(VERSION) $(COMMIT)'" -o bin/refundctl .

release: ## write dist/: reproducible archives of this commit for every platform, with SHA256SUMS
	@.ci/release

release-check: ## build the release for this platform in two places and compare the bytes
	@.ci/release-check

image: ## build a container image from the release in dist/ (needs podman, docker or buildah)
	@.ci/image

test: race-ready ## run the tests with the race detector; PKG=./plan/... selects packages
	CGO_ENABLED=1 go test -race -timeout 30m $(PKG)

race-ready:
	@cc="$$(CGO_ENABLED=1 go env CC)"; command -v $${cc%% *} >/dev/null || { \
		echo "make test: the race detector needs a C compiler, and $$cc is not installed. Install gcc (apt-get install gcc libc6-dev)." >&2; exit 1; }

vet: ## run go vet
	go vet $(PKG)

fmt-check: ## fail if gofmt would change a file
	@wrong="$$(gofmt -l .)"; [ -z "$$wrong" ] || { echo "run gofmt -w on:"; echo "$$wrong"; exit 1; }

tidy-check: ## fail if go mod tidy would change go.mod or go.sum
	go mod tidy -diff

staticcheck: ## run staticcheck, in a pinned version
	go run $(STATICCHECK) $(PKG)

vulncheck: ## run govulncheck, in a pinned version; passes with a note if its database cannot be reached
	@.ci/vulncheck

arch: ## check the import order and the other rules of the layout
	go test -count=1 ./internal/arch

sim: ## simulate SEEDS (20000) histories of crashes, lost answers and lagging reads in virtual time
	GOGC=400 go test -count=1 -timeout 30m ./apply/sim -run '^TestSimulation$$' -v -seeds $(SEEDS)

mutants: ## break the program on purpose, one promise at a time; a test must notice; WORD=budget selects breaks
	@go run ./.ci/mutants -seeds $(MUTANT_SEEDS) '$(WORD)'

mutants-sample: ## run a random tenth of the mutants, for SAMPLETIME (4m) at most; SEED repeats a choice
	@go run ./.ci/mutants -seeds $(MUTANT_SEEDS) -tenth -seed $(SEED) -for $(SAMPLETIME)

rules: ## check docs/explanation/rules.md and the table of mutants against the source
	@go test -count=1 ./.ci/mutants ./.ci/rules
	@go run ./.ci/rules -check
	@go run ./.ci/mutants -check

rules-update: ## update the lists of tests in docs/explanation/rules.md
	@go run ./.ci/rules

fuzz: ## run every fuzz target for FUZZTIME (10s)
	@.ci/fuzz $(FUZZTIME) $(PKG)

bench: ## run every benchmark, with allocations
	go test -run '^$$' -bench . -benchmem -benchtime $(BENCHTIME) $(PKG)

examples: build ## plan and apply a copy of every folder in examples/
	@.ci/examples bin/refundctl

lint-examples: ## lint the pipelines in examples/ (needs npx and shellcheck)
	@.ci/lint-examples

readme: ## run the commands that README.md and docs/ show and compare the output
	go test -count=1 -run 'README|TestDocs|TestTopics' ./internal/cli

demo: build ## show validate, plan, apply and plan again, against the embedded emulator
	@.ci/demo bin/refundctl examples/quickstart

ci: ## run every check and print how long each takes; .ci/run calls this
	@.ci/steps $(CI_STEPS)

clean: ## remove bin/ and dist/
	rm -rf bin dist
