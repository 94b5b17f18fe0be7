# `make` lists the targets. Set-up is part of each: nothing has to be run first.
.DEFAULT_GOAL := help
SHELL := /bin/bash
BIN := .venv/bin
# Compiled modules are kept whatever the surroundings say: tests start the product hundreds of times.
PYTEST := env -u PYTHONDONTWRITEBYTECODE $(BIN)/pytest -n 2 --dist worksteal

.PHONY: help demo serve test test-deep check bench format locks golden reference clean setup setup-web setup-dev setup-bench setup-spark setup-foreign system system-spark system-foreign system-r

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: setup ## set up, make the demonstration district, assess eight quarters, print where to look
	$(BIN)/minping demo --dir demo --force
	@echo "网页产品：make serve　·　the product in the browser: make serve"

serve: setup-web ## set up, open the product on an invented district (Ctrl-C stops; data in minping-data/)
	$(BIN)/minping serve --demo

test: setup-dev system ## set up and pass all tests (under 15 minutes on 2 cores)
	$(PYTEST) -m "not deep"
	MINPING_TEST_DATABASE=sqlite $(PYTEST) -m "sqlite and not deep" tests/web

test-deep: setup-dev setup-spark system system-spark system-foreign setup-foreign ## simulations, fuzzing, chaos (under 35 minutes)
	$(PYTEST) -m deep
	MINPING_TEST_DATABASE=sqlite $(PYTEST) -m "sqlite and deep" tests/web

check: setup-dev system ## format, lint, types, import contracts, locks, reference pages; no tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/make_reference.py --check
	$(BIN)/python tools/make_statement_pictures.py --check
	$(BIN)/python tools/make_changelog.py --check
	$(BIN)/python tools/make_openapi.py --check
	$(BIN)/python -m tools.make_messages --check
	DJANGO_SETTINGS_MODULE=tests.web.settings PYTHONPATH=. $(BIN)/python -m django makemigrations --check --dry-run
	$(PYTEST) -q tests/architecture/test_locks.py tests/architecture/test_docs.py

bench: setup-dev setup-bench setup-spark system-r ## measure, beside peers in the same run; writes bench/results/
	$(BIN)/python -m bench

format: setup-dev ## put the code in order
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

golden: setup-dev ## make the golden rounds again (explain each moved number in the change note)
	$(BIN)/python -m tests.golden.make

reference: setup-dev ## make docs/reference from the code
	$(BIN)/python tools/make_reference.py
	$(BIN)/python tools/make_statement_pictures.py
	$(BIN)/python tools/make_openapi.py

locks: ## refresh the locks (needs uv)
	tools/locks.sh

clean: ## remove what was made
	rm -rf .venv .venv-bench .venv-spark .venv-foreign demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache bench/work
	find . -name __pycache__ -prune -exec rm -rf {} +

setup:
	@tools/setup.sh engine

setup-web:
	@tools/setup.sh web

setup-dev:
	@tools/setup.sh dev

setup-bench:
	@tools/setup.sh bench

setup-spark:
	@tools/setup.sh spark

setup-foreign: # without a package host for npm its tests say that they were left out
	-@tools/setup-foreign.sh

system:
	@tools/system-packages.sh

system-spark:
	@tools/system-packages.sh spark

system-foreign:
	@tools/system-packages.sh foreign

system-r: # without R the benchmarks say what is missing and go on
	-@tools/system-packages.sh r
