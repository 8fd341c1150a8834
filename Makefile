# `make` builds .venv/bin/gaia. Every target does its own set-up and works offline once that has been done.
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
TOOLS := $(CURDIR)/.tools/bin
export PATH := $(TOOLS):$(PATH)
# Where a machine forbids bytecode, each pytest process would rewrite and compile every test anew: three seconds each.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := $(BIN)/gaia
.PHONY: help lint format test test-all coverage conformance components components-on-moto browser screenshots test-cluster test-cloud chaos nightly mutation bench docs audit demo wheel image portal portal-up portal-test portal-packages tools tools-cluster clean

# The recipe compares contents, not only times: a checkout that comes back to the same lock costs nothing.
$(BIN)/gaia: pyproject.toml requirements.lock .ci/setup .ci/python
	@sh .ci/setup

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-26s %s\n", $$1, $$2}'

lint: $(BIN)/gaia ## ruff, mypy --strict, import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(BIN)/gaia ## let ruff rewrite what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test: $(BIN)/gaia ## unit tests: random order, parallel; without the slow ones
	$(PYTEST) -n 2 -m "not slow" tests/unit

test-all: $(BIN)/gaia ## all unit tests, also those that start programs or try much
	$(PYTEST) -n 2 tests/unit

coverage: $(BIN)/gaia ## all unit tests, with branch coverage
	$(PYTEST) -n 2 --cov=gaia --cov-branch --cov-report=term:skip-covered tests/unit

conformance: $(BIN)/gaia ## the stack engine against recorded results of Atmos, or of the one that GAIA_ATMOS names
	@sh .ci/suite conformance "" tests/conformance

components: $(BIN)/gaia ## terraform's own tests of the blueprint's components, providers mocked
	@sh .ci/suite components "not cloud" tests/terraform

components-on-moto: $(BIN)/gaia ## the components made by the real AWS provider in an emulated AWS, and destroyed
	@sh .ci/suite components-on-moto cloud tests/moto

browser: $(BIN)/gaia ## people at the page with a real browser, which must find nothing wrong with it
	@sh .ci/suite browser "" tests/browser

test-cluster: $(BIN)/gaia tools-cluster ## the chart on a real control plane of Kubernetes, without containers
	@sh .ci/suite cluster "" tests/cluster

screenshots: $(BIN)/gaia ## .nightly/screenshots: every page at three widths, light and dark (PAGES="home services" AS=gus)
	$(BIN)/python -m tests.browser.screenshots $(PAGES) $(if $(AS),as=$(AS))

test-cloud: $(BIN)/gaia ## the whole loop on real terraform with the real AWS provider against an emulated AWS
	@sh .ci/suite test-cloud "cloud and not nightly" tests/integration

chaos: $(BIN)/gaia ## kills at seeded points (FIGURES=1 writes what was counted to docs/explanation/crash-recovery.md)
	@$(if $(FIGURES),rm -rf .nightly/chaos; GAIA_FIGURES=$(CURDIR)/.nightly/chaos) sh .ci/suite chaos chaos tests/integration
	@$(if $(FIGURES),$(BIN)/python -m tests.nightly.figures .nightly/chaos)

nightly: $(BIN)/gaia ## everything too long for CI, and a table (SHARD=2/3, PARTS=points,kills, AGAIN=1)
	@$(BIN)/python -m tests.nightly

mutation: $(BIN)/gaia ## change the deciding modules a little: do the tests notice? (N=, SEED=, MODULES=, JOBS=)
	@$(BIN)/python -m tests.mutation

bench: $(BIN)/gaia ## run every benchmark
	@set -e; for script in benchmarks/*.py; do \
	  if [ -f "$$script" ]; then echo "== $$script"; $(BIN)/python "$$script"; else echo "bench: no benchmark yet"; fi; \
	done

docs: $(BIN)/gaia ## regenerate the pages that are made from the code
	$(BIN)/python docs/generate.py

audit: $(BIN)/gaia tools ## scan the components anew and write docs/explanation/security-audit.md
	$(BIN)/python docs/audit.py

demo: $(BIN)/gaia ## the whole loop on this machine (YES=1 asks nothing, PAGE=1 plays at the page, in a browser)
	@command -v "$${GAIA_TERRAFORM:-terraform}" >/dev/null || command -v tofu >/dev/null || $(BIN)/gaia tools install terraform
	$(BIN)/gaia demo $(if $(YES),--yes) $(if $(PAGE),--page)

wheel: $(BIN)/gaia ## dist/gaia_idp-*.whl, for pipx, uv and pip: everything that is shipped is inside
	@rm -rf dist
	@$(BIN)/hatchling build -t wheel -d dist

image: wheel ## dist/image, an OCI layout; needs root and mmdebstrap (TERRAFORM=PROGRAM)
	@sh deploy/image/build "$(TERRAFORM)"

portal: $(BIN)/gaia ## the Backstage of portal/: packages by its lock, with a Node.js that it supports; minutes, once
	@sh .ci/portal install

portal-up: $(BIN)/gaia ## run it beside `gaia serve` (GAIA_URL), with a viewer's token in GAIA_PORTAL_TOKEN
	@sh .ci/portal up

portal-test: $(BIN)/gaia ## its modules: types, and tests with the real services of Backstage
	@sh .ci/portal check
	@sh .ci/portal test

portal-packages: $(BIN)/gaia ## portal/dist/*.tgz: its modules, for the Backstage that one has
	@sh .ci/portal pack

tools: ## programs that tests use: Go tools into .tools/bin, checkov into .tools/checkov
	@sh .ci/tools

tools-cluster: ## etcd, kube-apiserver, kube-controller-manager and helm into .tools/bin; minutes to build, once
	@sh .ci/tools-cluster

clean: ## remove what make made
	rm -rf .venv .tools .nightly .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage* htmlcov dist
