# What this repository can do, one target each; `make` alone lists them. It needs
# Go, git and make (GNU make 3.81 or newer); `make race` needs a C compiler too.

FUZZTIME = 10s
BENCH    = .
BOOTS    = .

# The tools of `make lint`, which are not dependencies of the programs and so
# stand here and not in go.mod.
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
ERRORLINT   = github.com/polyfloyd/go-errorlint@v1.8.0

# No C, no paths of this machine, no symbols: one small file that runs in any image.
VERSION = $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS = -s -w -X dockerinit/cmd/internal/version.Version=$(VERSION)
GOBUILD = CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '$(LDFLAGS)'

# Programs of LX zones are entered before Go's beginning: platform_lx/entry, platform_lx/resident.
AMD64 = $(filter linux/amd64,$(shell go env GOOS)/$(shell go env GOARCH))
ENTRY = -E dockerinit/platform_lx/resident/blocked.entry -checklinkname=0
ENTER = $(if $(AMD64),\
	-ldflags 'dockerinit/cmd/dockerinit=$(LDFLAGS) $(ENTRY)' \
	-ldflags 'dockerinit/cmd/dockerexec=$(LDFLAGS) -E dockerinit/platform_lx/entry.exec')

# Go 1.26's collector keeps its marks at the end of each span, which is a page more to
# touch for each; the one before does not. These programs become the command long
# before there is anything to collect. Other versions of Go may not know the name.
COLLECTOR = $(if $(filter go1.26%,$(shell go env GOVERSION)),nogreenteagc)

PROGRAMS = ./cmd/dockerinit ./cmd/dockerexec ./cmd/mdata ./cmd/dockerzone

# A system that is neither Linux nor illumos has the fake backend alone.
TAGS = $(if $(filter linux illumos,$(shell go env GOOS)),$(if $(AMD64),$(TAG)),fake)
TAG  = resident

# What the linters look at, as GOOS:tags: each backend is built on one of them.
SYSTEMS = linux: linux:resident illumos: linux:fake darwin:fake

.PHONY: help build illumos fake man run zone test race lint vet staticcheck errorlint format tidy fuzz bench cover-illumos cover-begin cover-report clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

build: ## all programs for this machine, static, into bin/
	GOEXPERIMENT=$(COLLECTOR) $(GOBUILD) $(ENTER) -tags '$(TAGS)' -o bin/ $(PROGRAMS)

# An LX zone takes a program for Linux's whose header does not say ELFOSABI_SOLARIS in
# its byte 7, and Go's linker says nothing there.
# illumos-joyent: usr/src/uts/common/brand/lx/os/lx_brand.c, lx_native_exec
ILLUMOS = bin/illumos
illumos: ## all programs for illumos/amd64, into bin/illumos/
	GOOS=illumos GOARCH=amd64 $(GOBUILD) -o $(ILLUMOS)/ $(PROGRAMS)
	@for p in $(notdir $(PROGRAMS)); do printf '\006' | dd of=$(ILLUMOS)/$$p bs=1 seek=7 conv=notrunc 2>/dev/null || exit; done

fake: ## bin/dockerinit-fake and bin/dockerexec-fake, which run anywhere
	$(GOBUILD) -tags fake -o bin/dockerinit-fake ./cmd/dockerinit
	$(GOBUILD) -tags fake -o bin/dockerexec-fake ./cmd/dockerexec

man: build ## the manual pages, from --help and the tables, into bin/man/
	@go run ./cmd/internal/manual bin bin/man "$$(git log -1 --format=%cs)"
	@echo 'man -M bin/man dockerinit'

run: fake ## boot platform_fake/examples/hello.json with the fake backend
	@bin/dockerinit-fake --payload platform_fake/examples/hello.json

zone: build ## boot platform_fake/examples/zone.json in namespaces: a shell at your terminal
	@bin/dockerzone run platform_fake/examples/zone.json

# The same tests with the fake backend where that changes what is built. Nothing
# comes from the cache: a cached test would not tell again what it skipped. A busy
# machine takes longer than the ten minutes that go test gives a package.
test: ## all tests; at the end: what was skipped, why, and what would help
	@mkdir -p bin && : >bin/skips
	@status=0; export DOCKERINIT_SKIPS='$(CURDIR)/bin/skips'; \
	echo 'go test ./...'; \
	go test -count=1 -timeout 30m ./... || status=$$?; \
	echo 'go test -tags fake ./cmd/...'; \
	go test -count=1 -timeout 30m -tags fake ./cmd/... || status=$$?; \
	if test -s bin/skips; then \
		echo; echo 'Skipped here:'; \
		sort -u bin/skips | sed 's/^/  /'; \
	fi; \
	echo; \
	if test $$status -eq 0; then echo 'All tests passed that could run here.'; \
	else echo 'There are FAILED tests, above.'; fi; \
	exit $$status

race: ## all tests under the race detector (needs a C compiler)
	CGO_ENABLED=1 go test -count=1 -timeout 30m -race ./...
	CGO_ENABLED=1 go test -count=1 -timeout 30m -race -tags fake ./cmd/...

lint: vet staticcheck errorlint format tidy ## vet, staticcheck, errorlint, gofmt, go mod tidy

vet:
	@status=0; for s in $(SYSTEMS); do \
		echo "go vet ($$s)"; \
		GOOS=$${s%:*} CGO_ENABLED=0 go vet -tags "$${s#*:}" ./... || status=1; \
	done; exit $$status

# Built before GOOS is set: the tools run here whatever they look at.
staticcheck:
	@GOBIN='$(CURDIR)/bin/tools' go install $(STATICCHECK)
	@status=0; for s in $(SYSTEMS); do \
		echo "staticcheck ($$s)"; \
		GOOS=$${s%:*} CGO_ENABLED=0 bin/tools/staticcheck -tags "$${s#*:}" ./... || status=1; \
	done; exit $$status

errorlint:
	@GOBIN='$(CURDIR)/bin/tools' go install $(ERRORLINT)
	@status=0; for s in $(SYSTEMS); do \
		echo "errorlint ($$s)"; \
		GOOS=$${s%:*} GOFLAGS="-tags=$${s#*:}" CGO_ENABLED=0 bin/tools/go-errorlint ./... || status=1; \
	done; exit $$status

format:
	@echo gofmt; files=$$(gofmt -l .) || exit 1; \
	test -z "$$files" || { echo "not formatted: $$files" >&2; exit 1; }

tidy:
	@echo 'go mod tidy'; go mod tidy -diff && go mod verify >/dev/null

# One target at a time, because go test takes no more. It keeps what a failure
# was found with in testdata/fuzz, where every later `make test` tries it. When the
# time is over go test may fail with "context deadline exceeded" and no such input:
# that is its clock and nothing that was found (go.dev/issue/75804, mended in Go 1.27).
fuzz: ## every fuzz target for FUZZTIME (10s)
	@mkdir -p bin
	@go test -list '^Fuzz' ./... >bin/fuzz.list || { cat bin/fuzz.list; exit 1; }
	@awk '/^Fuzz/ { name[n++] = $$1 } $$1 == "ok" { for (i = 0; i < n; i++) print $$2, name[i]; n = 0 }' \
		bin/fuzz.list >bin/fuzz.targets
	@status=0; \
	while read -r package target; do \
		if go test -run '^$$' -fuzz "^$$target\$$" -fuzztime '$(FUZZTIME)' -fuzzminimizetime 20x "$$package" >bin/fuzz.log 2>&1 </dev/null || \
			{ grep -q '^    context deadline exceeded$$' bin/fuzz.log && ! grep -q 'Failing input' bin/fuzz.log; }; then \
			awk -v t="$$package $$target" '/execs: / { sub(/.*execs: /, ""); n = $$1 } END { print t ": " n+0 " executions" }' bin/fuzz.log; \
		else \
			status=1; echo "$$package $$target FAILED:"; cat bin/fuzz.log; \
		fi; \
	done <bin/fuzz.targets; \
	exit $$status

# One package at a time: a compiler beside it would be measured too.
bench: ## every benchmark that matches BENCH (all), with its allocations
	go test -p 1 -run '^$$' -bench '$(BENCH)' -benchmem ./...

# The illumos programs are measured as they run in the tests' zones, and with them
# the platform's own tests of what no boot meets.
cover-illumos: ## fails where there is a statement of platform_illumos that its tests never run (root)
	@$(MAKE) --no-print-directory cover-begin
	DOCKERINIT_NO_SKIPS=1 DOCKERINIT_COVERAGE='$(CURDIR)/bin/cover' go test -count=1 -timeout 30m -run '$(BOOTS)' -skip Others ./platform_illumos/abi
	@$(MAKE) --no-print-directory cover-report

# What is between the two is told DOCKERINIT_COVERAGE: bin/cover.
cover-begin:
	@rm -rf bin/cover && mkdir -p bin/cover && chmod 1777 bin/cover

cover-report:
	@go tool covdata textfmt -i bin/cover -o bin/cover.out && awk -f platform_illumos/abi/cover.awk bin/cover.out

clean: ## remove bin/
	rm -rf bin
