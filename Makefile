# Everything here runs without questions and needs Go, git and make; `test` also needs a C compiler.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c

VERSION     ?= $(shell git describe --tags --always --dirty --abbrev=12 2>/dev/null || echo unknown)
COMMIT      ?= $(shell TZ=UTC git log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format='%H %cd' 2>/dev/null)
STATICCHECK ?= honnef.co/go/tools/cmd/staticcheck@v0.8.2
FUZZTIME    ?= 10s
BENCHTIME   ?= 1s
SEEDS       ?= 20000
PKG         ?= ./...

export CGO_ENABLED ?= 0
export GOFLAGS ?= -buildvcs=false

# The order of ci: what fails fastest comes first.
CI_STEPS := fmt-check vet build arch rules staticcheck test sim examples lint-examples readme release-check fuzz

.PHONY: help build release release-check image test race-ready vet fmt-check staticcheck arch sim mutants rules fuzz bench examples lint-examples readme demo ci clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/refundctl, static, with the version of git describe
	go build -trimpath -ldflags "-s -w -X 'refundctl/internal/cli.build=$(VERSION) $(COMMIT)'" -o bin/refundctl .

release: ## dist/: archives of this commit for every platform, with SHA256SUMS, the same bytes wherever they are built
	@.ci/release

release-check: ## build the release for this platform twice, apart from each other, and compare
	@.ci/release-check

image: ## a container image of the release in dist/ (needs podman, docker or buildah)
	@.ci/image

test: race-ready ## all tests with the race detector; PKG=./plan/... for some
	CGO_ENABLED=1 go test -race $(PKG)

race-ready:
	@cc="$$(CGO_ENABLED=1 go env CC)"; command -v $${cc%% *} >/dev/null || { \
		echo "make test: the race detector needs a C compiler, and '$$cc' is not here. Install gcc (apt-get install gcc libc6-dev)." >&2; exit 1; }

vet: ## go vet
	go vet $(PKG)

fmt-check: ## fail where gofmt would change a file
	@wrong="$$(gofmt -l .)"; [ -z "$$wrong" ] || { echo "not formatted as gofmt does:"; echo "$$wrong"; exit 1; }

staticcheck: ## staticcheck, in one fixed version
	go run $(STATICCHECK) $(PKG)

arch: ## the import order and the other rules of the layout
	go test -count=1 ./internal/arch

sim: ## whole histories of crashes, lost answers and lagging reads, SEEDS (20000) of them, in virtual time
	GOGC=400 go test -count=1 -timeout 30m ./apply/sim -run '^TestSimulation$$' -v -seeds $(SEEDS)

mutants: ## break the program on purpose, one promise at a time; every break must be noticed
	@.ci/mutants

rules: ## each rule of the money, with its tests and the breaks that must be noticed
	@.ci/rules

fuzz: ## every fuzz target for FUZZTIME (10s)
	@.ci/fuzz $(FUZZTIME) $(PKG)

bench: ## every benchmark, with allocations
	go test -run '^$$' -bench . -benchmem -benchtime $(BENCHTIME) $(PKG)

examples: build ## plan and apply a copy of every folder of examples/
	@.ci/examples bin/refundctl

lint-examples: ## the pipelines of examples/ by the linters of their own kind (needs npx and shellcheck)
	@.ci/lint-examples

readme: ## run what README.md and docs/ show, and compare
	go test -count=1 -run 'README|TestDocs|TestTopics' ./internal/cli


demo: build ## the first five minutes: validate, plan, apply, plan again, against the emulator inside
	@.ci/demo bin/refundctl examples/quickstart

ci: ## every check, with names and durations; .ci/run calls it
	@.ci/steps $(CI_STEPS)

clean: ## remove what was built
	rm -rf bin dist
