# `make run` and `make test` need Python 3.11+, make and the package registries, nothing else.
# Every step leaves a stamp of what it was made from, so a second run skips it.

PYTHON ?= $(shell sh scripts/find_python.sh)
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
ADDRESS ?= 127.0.0.1:8000
FRONTEND := streamsync_django/frontend

# Programs that set-up had to install itself live in the environment.
export PATH := $(CURDIR)/.venv/tools/bin:$(PATH)

.PHONY: help setup setup-dev deps deps-checks deps-dev build data run cluster test test-frontend test-python \
	lint format types contracts check bench screenshots wheel clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: deps build ## Environment, packages and the built front end: all that the server needs

setup-dev: deps-dev build ## The same, and what tests and checks need

deps:
	@$(PYTHON) scripts/ensure_venv.py requirements.txt
	@$(PYTHON) scripts/ensure_node.py

deps-checks:
	@$(PYTHON) scripts/ensure_venv.py requirements-dev.txt requirements-widgets.txt
	@$(PYTHON) scripts/ensure_node.py

deps-dev: deps-checks
	@$(PYTHON) scripts/ensure_test_tools.py

build: ## Build the front end into static/, with a Node of its own where the machine has none
	@$(PYTHON) scripts/ensure_venv.py
	@$(PYTHON) scripts/ensure_node.py
	@$(PYTHON) scripts/build_frontend.py

data: setup ## Migrate the database and load the demo's data
	@$(MANAGE) migrate --no-input --verbosity 0
	@$(if $(filter 0,$(STREAMSYNC_DEMO_DEBUG)),true,$(BIN)/python scripts/load_demo.py)

run: data ## Serve the demo site on http://127.0.0.1:8000/
	@$(MANAGE) runserver $(ADDRESS)

cluster: data deps-dev ## Two instances behind nginx, with Redis, on http://127.0.0.1:8080/
	@. ./.venv/tools.env && $(BIN)/python scripts/cluster.py

test: setup-dev test-frontend test-python ## Every test, with a real redis-server and a real Chromium

test-frontend: setup-dev
	@cd $(FRONTEND) && npm run --silent test

# A file stays in one process, which shares its servers and browsers; PYTEST_ARGS="-n 0" takes one process for all.
test-python: setup-dev
	@. ./.venv/tools.env && $(BIN)/python -m pytest \
		--numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

lint: deps-checks ## Style: ruff, ESLint, Prettier
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	cd $(FRONTEND) && npm run --silent format:check
	cd $(FRONTEND) && npm run --silent lint

format: deps-checks ## Let the formatters rewrite the sources
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	cd $(FRONTEND) && npm run --silent format

types: deps-checks ## mypy and vue-tsc
	$(BIN)/mypy
	cd $(FRONTEND) && npm run --silent types

contracts: deps-checks ## Who may import whom
	$(BIN)/lint-imports

check: lint types contracts test ## All that must be green before a commit is shared

bench: setup-dev ## Measure; BENCH_ARGS are passed on
	@. ./.venv/tools.env && $(BIN)/python -m benchmarks $(BENCH_ARGS)

screenshots: setup-dev data ## Draw the pictures of the documentation again
	@. ./.venv/tools.env && $(BIN)/python scripts/screenshots.py $(SCREENSHOTS_ARGS)

wheel: setup ## The installable package, front end included, in dist/
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

clean: ## Forget everything that set-up and runs have made
	rm -rf .venv $(FRONTEND)/node_modules streamsync_django/static/streamsync dist build \
		.mypy_cache .pytest_cache .ruff_cache .import_linter_cache
