# Every target does its own set-up; `make` alone says what there is.
.DEFAULT_GOAL := help
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory

RUN := .venv/.ready-run
DEV := .venv/.ready-dev
BENCH := .venv/.ready-bench
PYTEST := .venv/bin/pytest -n logical --maxprocesses 8 --dist worksteal
SEEDS := 20000
EXAMPLES := 2000

.PHONY: help setup demo test check lint types arch fmt docs deep chaos soak bench constraints clean

help: ## Say what each target does
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup: $(DEV) ## Make .venv with everything that working on Maverick needs
	@true

demo: $(RUN) ## Run the main job on this machine: no database, no broker, no account needed
	@.venv/bin/maverick demo $(ARGS)

test: ## Check and test everything, beside a private PostgreSQL (ARGS='-k batch' narrows it)
	@begin=$$(date +%s); \
	$(MAKE) setup check && $(PYTEST) --hypothesis-profile=ci $(ARGS); \
	status=$$?; \
	echo "make test: $$(($$(date +%s) - begin)) s, exit code $$status"; \
	exit $$status

check: lint types arch ## Check form, types and architecture, without running the tests

lint: $(DEV) ## Check format and style
	@tools/step "ruff format --check" .venv/bin/ruff format --check .
	@tools/step "ruff check" .venv/bin/ruff check .

types: $(DEV) ## Check types
	@tools/step "mypy --strict" .venv/bin/mypy

arch: $(DEV) ## Check that imports point inwards
	@tools/step "import-linter" .venv/bin/lint-imports

fmt: $(DEV) ## Format, and mend what ruff can mend
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .

docs: $(DEV) ## Generate the reference pages and build the documentation into site/
	@tools/step "python -m tools.reference" .venv/bin/python -m tools.reference
	@tools/step "mkdocs build --strict" .venv/bin/mkdocs build --strict
	@echo "  site/index.html"

deep: $(DEV) ## Search long for rare histories: the simulation with 20,000 seeds (SEEDS=…)
	@MAVERICK_SEEDS=$(SEEDS) $(PYTEST) --hypothesis-profile=deep --timeout=0 $(ARGS)

chaos: $(DEV) ## Let real faults strike real processes, for half an hour (ARGS=Redis narrows it)
	@.venv/bin/python -m tests.chaos $(ARGS)

soak: $(DEV) ## Let everything happen at once for ten minutes (ARGS="--minutes 2 --seed 7")
	@.venv/bin/python -m tests.soak $(ARGS)

fuzz: $(DEV) ## Send the API what its contract allows and what it does not (EXAMPLES=2000 a route)
	@MAVERICK_EXAMPLES=$(EXAMPLES) $(PYTEST) --timeout=0 tests/http/security/test_schemathesis.py $(ARGS)

bench: $(BENCH) ## Run the benchmarks, beside a private PostgreSQL that syncs as in production
	@.venv/bin/python -m tests.services.postgres --durable -- \
		.venv/bin/python -m benchmarks $(ARGS)

constraints: $(DEV) ## Pin new dependencies in constraints.txt (ARGS=--upgrade takes the newest)
	@.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --all-extras \
		--no-emit-index-url --no-header --no-annotate --no-emit-package maverick \
		--output-file constraints.txt pyproject.toml $(ARGS)

clean: ## Remove .venv and everything that was made
	@rm -rf .venv site build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

$(RUN): pyproject.toml constraints.txt tools/install
	@tools/install run

$(DEV): pyproject.toml constraints.txt tools/install
	@tools/install dev

$(BENCH): pyproject.toml constraints.txt tools/install
	@tools/install bench
