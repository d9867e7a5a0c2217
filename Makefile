# Short targets; `make help` lists them. What is missing on the machine is prepared on the way.
PYTHON ?= python3
BIND ?= 127.0.0.1
VENV := .venv
RUN := $(VENV)/bin/python
READY := $(VENV)/.ready

# Processes that run the tests; 0: all of them in one.
LANES ?= 4
# What `make soak` runs of all its tests: a part of their names, as `pytest -k` takes it.
PART ?=
# Compiled once, not by each of the many processes that the tests start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run demo farm test soak bench chaos lint types format lock diagrams dictionary screenshots sounds clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(READY) ## Everything on this machine, on sample configuration, until Ctrl-C (BIND=ADDRESS for phones elsewhere, FARM=1: two PBXs behind an edge)
	@exec $(RUN) -m cti_bridge.local --bind $(BIND) $(if $(FARM),--farm)

farm: $(READY) ## One unattended pass of several PBXs behind an edge: what fails, and what goes on (docs/farm.md)
	@exec $(RUN) -m tests.farm

demo: $(READY) ## One unattended pass with real SIP phones: what happened, and the rows it left
	@exec $(RUN) -m tests.demo

# All processes have to collect the tests in the same order, also where that is the order of a set: hence one seed.
test: $(READY) ## Style, types, and every test that is quick enough to be run always (CHROMIUM=PATH: another browser)
	@sh .ci/chromium
	@PYTHONHASHSEED=$$(shuf -n 1 -i 1-99999) exec $(RUN) -m pytest -q -m "not soak" -n $(LANES) --dist loadscope --no-loadscope-reorder

soak: $(READY) ## The tests that repeat hundreds of times (PART=unit, integration, acceptance or a part of a name: only these)
	@sh .ci/chromium
	@PYTHONHASHSEED=$$(shuf -n 1 -i 1-99999) exec $(RUN) -m pytest -q -m soak -o timeout=3600 -k "$(PART)" -n $(LANES) --dist loadscope --no-loadscope-reorder

bench: $(READY) ## Cost and delay beside app_queue, the core alone, what minutes of mixed calls leave, the panel in a browser
	@exec $(RUN) -m benchmarks

chaos: $(READY) ## Calls of all kinds while everything fails, one fault after another, and whether any promise was broken (ARGS)
	@exec $(RUN) -m tests.chaos $(ARGS)

lint: $(READY) ## Style
	@$(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check -q .

types: $(READY) ## Types
	@$(VENV)/bin/mypy

format: $(READY) ## Bring the code into its form
	@$(VENV)/bin/ruff check --fix-only -q . ; $(VENV)/bin/ruff format -q .

lock: $(READY) ## Write requirements.lock, and the part that an installation takes, anew from pyproject.toml
	@$(VENV)/bin/pip install -q pip-tools && $(VENV)/bin/pip-compile -q --upgrade --generate-hashes --strip-extras \
	  --no-header --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --all-extras --allow-unsafe \
	  -o requirements.lock pyproject.toml
	@$(VENV)/bin/pip-compile -q --generate-hashes --strip-extras \
	  --no-header --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --extra s3 --extra uvloop --all-build-deps --allow-unsafe \
	  -c requirements.lock -o requirements-install.lock pyproject.toml

diagrams: $(READY) ## Draw the state machines from their tables into docs/states.md
	@PYTHONPATH=. $(RUN) docs/diagrams.py

dictionary: $(READY) ## Write the data dictionary, docs/data.md, from the comments of the tables, and the columns of reports into docs/figures.md
	@PYTHONPATH=. $(RUN) docs/dictionary.py && PYTHONPATH=. $(RUN) docs/figures.py

screenshots: $(READY) ## Pictures of the panel in each of its states, into docs/panel
	@sh .ci/chromium
	@PYTHONPATH=. $(RUN) -m tests.panel.screenshots

sounds: $(READY) ## Make the spoken messages and the hold music anew (needs flite and sox)
	@$(RUN) asterisk/sounds/make_sounds.py

clean: ## Remove the virtual environment and all caches
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis

# Two runs at once prepare it once.
$(READY): requirements.lock
	@PYTHON=$(PYTHON) flock requirements.lock sh .ci/venv $(VENV)
