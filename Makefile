# Bateia. "make help" lists what there is.
.DEFAULT_GOAL := help
SHELL := /bin/sh

GO    ?= go
# DuckDB hands over Arrow batches only with this tag.
TAGS  := duckdb_arrow
GOTAG := -tags $(TAGS)
export CGO_ENABLED := 1

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)

# Packages in which goroutines of ours share memory: tested with the race detector.
RACE := ./jobs/... ./pipeline/... ./stages/sync/... ./stages/validate/... ./cmd/internal/embedded/...

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## find or install what building and testing need: Go modules, a C compiler, Postgres
	@command -v $(GO) >/dev/null || { echo "Go 1.26 or newer is needed: https://go.dev/dl" >&2; exit 1; }
	@sh scripts/ensure-cc.sh >/dev/null
	@sh scripts/ensure-postgres.sh >/dev/null
	@$(GO) mod download

.PHONY: build
build: ## build bin/bateia
	CC="$$(sh scripts/ensure-cc.sh)" $(GO) build $(GOTAG) -trimpath -ldflags '$(LDFLAGS)' -o bin/bateia ./cmd/bateia

.PHONY: demo
demo: setup build ## the main job on real parts: drop files into a bucket, see what becomes of them (folder demo/)
	@PATH="$$(sh scripts/ensure-postgres.sh):$$PATH" CC="$$(sh scripts/ensure-cc.sh)" $(GO) run $(GOTAG) ./cmd/demo -bateia bin/bateia -dir demo

.PHONY: test
test: setup ## all tests, on a real Postgres, a real S3 server, DuckDB and a browser
	@sh scripts/ensure-chromium.sh >/dev/null
	@PATH="$$(sh scripts/ensure-postgres.sh):$$PATH"; CC="$$(sh scripts/ensure-cc.sh)"; export PATH CC; \
	race=$$($(GO) list $(GOTAG) $(RACE)); \
	rest=$$($(GO) list $(GOTAG) ./... | grep -vxF "$$race"); \
	$(GO) test $(GOTAG) -timeout 20m $$rest && \
	$(GO) test $(GOTAG) -timeout 20m -race $$race

.PHONY: lint
lint: ## gofmt, go vet, staticcheck
	@files=$$(git ls-files '*.go' | xargs gofmt -l); test -z "$$files" || { echo "not formatted:"; echo "$$files"; exit 1; }
	$(GO) vet $(GOTAG) ./...
	$(GO) tool staticcheck $(GOTAG) ./...

.PHONY: vulncheck
vulncheck: ## known vulnerabilities in the dependencies (needs the network)
	$(GO) run golang.org/x/vuln/cmd/govulncheck@latest $(GOTAG) ./...

.PHONY: bench
bench: ## every benchmark once
	$(GO) test $(GOTAG) -run '^$$' -bench . -benchtime 1x ./...

FUZZTIME ?= 5m
# Random histories of each kind: new ones every time.
WORLDS ?= 150000
.PHONY: fuzz
fuzz: ## each fuzz target for FUZZTIME (5m), WORLDS (150000) random histories, and the properties with many cases
	@PATH="$$(sh scripts/ensure-postgres.sh):$$PATH"; export PATH; set -e; for pkg in $$($(GO) list $(GOTAG) ./...); do \
	  for target in $$($(GO) test $(GOTAG) -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
	    echo "$$pkg $$target"; $(GO) test $(GOTAG) -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1s $$pkg; \
	  done; \
	done
	PATH="$$(sh scripts/ensure-postgres.sh):$$PATH" $(GO) test $(GOTAG) -timeout 12h ./stages -run 'ComputingAgain|AgreesWithModel|OrderOfRows' -worlds $(WORLDS) -worlds.seed $$(date +%s)
	$(GO) test $(GOTAG) -timeout 2h ./stages/sync -run ChangesBetweenPages -rapid.checks 10000
	$(GO) test $(GOTAG) -timeout 2h ./schemas/identity -run FastPath -numbers 1000000

.PHONY: faults
faults: ## the tests that kill and cut things, ten times over
	@PATH="$$(sh scripts/ensure-postgres.sh):$$PATH" $(GO) test $(GOTAG) -timeout 60m -count 10 -run 'Kill|Fault|Crash|Poison|Fence' ./...

.PHONY: clean
clean: ## remove what was built (bin/, .cache/) and the demo's data (demo/, and what root's Postgres has in /var/lib/bateia)
	@if home=$$(cat demo/data/postgres/location 2>/dev/null); then case "$$home" in /var/lib/bateia/?*) rm -rf "$$home";; esac; fi
	rm -rf bin demo .cache
