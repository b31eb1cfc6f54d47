# Each target sets up the virtual environment first, when it is missing or requirements.lock or pyproject.toml changed.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
ARGS ?=
PEERS ?=
RUN ?= $(patsubst %/bundle/,%,$(firstword $(shell ls -dt outputs/train/*/*/bundle/ 2>/dev/null)))

.DEFAULT_GOAL := help
.PHONY: help install train test test-all test-fast coverage check lint lint-files spelling format serve tensorboard bench bench-recipe bench-fuzz build docs docs-serve clean

help:  ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

install: $(STAMP)  ## Set up the virtual environment with the versions of requirements.lock

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "error: Python 3.11 or newer is needed; name one with make PYTHON=python3.12 install"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

train: $(STAMP)  ## Train on the bundled corpus; more settings with ARGS="model.hidden=512"
	$(BIN)/python -m halo.train $(ARGS)

test: $(STAMP)  ## Run the tests, on all cores; one file alone is quicker without make: .venv/bin/python -m pytest FILE
	$(BIN)/python -m pytest --numprocesses=auto --dist=loadfile --no-loadscope-reorder -m "not exhaustive" $(ARGS)

test-all: $(STAMP)  ## Run all tests, also those of further crashes, signals and variants (twice the time)
	$(BIN)/python -m pytest --numprocesses=auto --dist=loadfile --no-loadscope-reorder $(ARGS)

test-fast: $(STAMP)  ## Run the tests that train nothing and start no process (under a minute)
	$(BIN)/python -m pytest --numprocesses=auto --dist=loadfile --no-loadscope-reorder -m "not slow" $(ARGS)

coverage: $(STAMP)  ## Run all tests and report the lines that none of them runs; HTML in build/coverage/
	$(BIN)/python -m pytest --numprocesses=auto --dist=loadfile --no-loadscope-reorder --cov --cov-report=term:skip-covered \
		--cov-report=html:build/coverage --cov-report=xml:build/coverage.xml $(ARGS)

check: lint test  ## Check format, style and types, and run the tests

lint: $(STAMP) lint-files spelling  ## Check format, style, types, spelling, workflows and scripts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# Everything about the repository that can be checked without GitHub.
CHECK := $(BIN)/check-jsonschema --builtin-schema
lint-files: $(STAMP)
	$(CHECK) vendor.github-workflows .github/workflows/*.yml
	$(CHECK) custom.github-workflows-require-timeout .github/workflows/*.yml
	$(CHECK) vendor.dependabot .github/dependabot.yml
	$(CHECK) vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	$(CHECK) vendor.github-issue-forms $(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml))
	$(CHECK) vendor.citation-file-format --default-filetype yaml CITATION.cff
	for script in .ci/*; do bash -n $$script || exit 1; done

# What people read; .codespellrc says which words it does not know.
spelling: $(STAMP)
	$(BIN)/codespell *.md docs src conf gallery

format: $(STAMP)  ## Format the code and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

serve: $(STAMP)  ## Open the page of the newest run; another one with RUN=FOLDER
	@test -n "$(RUN)" || { echo "error: no run in outputs/train; make train trains one, or name one with RUN=FOLDER"; exit 2; }
	$(BIN)/halo serve $(RUN) $(ARGS)

tensorboard: $(STAMP)  ## Show the curves of all runs in a browser
	$(BIN)/tensorboard --logdir outputs/train

bench: $(STAMP)  ## Measure speed beside references (15 minutes); PEERS=FOLDER for the peers themselves
	$(BIN)/python benchmarks/startup.py --rounds 3
	$(BIN)/python benchmarks/training.py --rounds 3 $(if $(PEERS),--peers $(PEERS))
	$(BIN)/python benchmarks/levers.py
	$(BIN)/python benchmarks/generation.py --rounds 3
	$(BIN)/python benchmarks/scoring.py --words 50000 --rounds 2
	$(BIN)/python benchmarks/growth.py --vocabularies 10000 100000 --units 200

bench-recipe: $(STAMP)  ## Measure the recipe beside that of PyTorch's example, in the same minutes (twice a training)
	$(BIN)/python benchmarks/plain_recipe.py $(ARGS)

bench-fuzz: $(STAMP)  ## Try thousands of spoiled arguments and files: no traceback, no hang, no stray file (minutes)
	$(BIN)/python -m benchmarks.fuzz $(ARGS)

# Any other file of benchmarks/, such as bench-time-to-quality; each says at its top what it measures.
bench-%: $(STAMP)
	$(BIN)/python benchmarks/$(subst -,_,$*).py $(ARGS)

docs: $(STAMP)  ## Build the site of the documentation in build/site: runs the course, checks links and pages
	$(BIN)/python -m docs.site.build $(ARGS)

docs-serve: docs  ## Build the site and show it in a browser, at an address that is printed
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory build/site 8000

build: $(STAMP)  ## Build the wheel into dist/
	$(BIN)/python -m build --no-isolation --wheel .

clean:  ## Remove the virtual environment, build results and caches; outputs/ stays
	rm -rf $(VENV) dist build .cache .coverage* .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find src tests benchmarks -name __pycache__ -prune -exec rm -rf {} +
