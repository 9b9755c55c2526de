# `make` prints the targets.  DATE reaches the commands through the environment, never as shell code.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
override DATE := $(value DATE)
override SINCE := $(value SINCE)
override UNTIL := $(value UNTIL)
export DATE SINCE UNTIL
MINUTES ?= 1
LOCALE := embedai_nb/i18n/locale
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard $(LOCALE)/*/LC_MESSAGES/*.po))
PROGRAM := $(READY) $(CATALOGUES)
WHOLE_FILES := --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help setup new edit issue archive inbox site trends serve findings test test-fast check bench fuzz schema reference messages lock clean screenshots

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(PROGRAM) ## install everything into .venv, once

$(READY): requirements.lock pyproject.toml
	@echo "setting up .venv; this happens once"
	@$(PYTHON) -m venv .venv
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > .venv/uv.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.txt
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q embedai_nb
	@touch $@

new: $(PROGRAM) ## DATE=2026-11-15: begin the draft of an issue
	@$(BIN)/embedai new -- "$$DATE"

edit: $(PROGRAM) ## DATE=2026-11-15: edit an issue in JupyterLab; begin its draft if there is none
	@$(BIN)/embedai edit -- "$$DATE"

issue: $(PROGRAM) ## DATE=2021-07-18: execute, check and publish an issue
	@$(BIN)/embedai issue -- "$$DATE"

archive: $(PROGRAM) ## publish all issues that are out of date
	@$(BIN)/embedai build

inbox: $(PROGRAM) ## fetch the feeds that newsletter.yaml names, and list candidates for the next issue
	@$(BIN)/embedai inbox

site: $(PROGRAM) ## build the website of all published issues in site/
	@$(BIN)/embedai site

trends: $(PROGRAM) ## SINCE=2019-01-01 UNTIL=2021-12-31: execute the notebook about the archive, a page of the site; both may be left out
	@$(BIN)/embedai trends --since "$$SINCE" --until "$$UNTIL"
	@$(BIN)/embedai site

serve: $(PROGRAM) ## serve the website with the drafts in it; pages reload when one is saved
	@$(BIN)/embedai serve

findings: $(PROGRAM) ## list what the checks find, in all drafts
	@$(BIN)/embedai check

test: $(PROGRAM) ## run all tests: pytest, a file by one worker
	@$(BIN)/python -m pytest -n 2 $(WHOLE_FILES)

test-fast: $(PROGRAM) ## run the tests that need neither a browser nor processes, in a few minutes
	@$(BIN)/python -m pytest -n 3 $(WHOLE_FILES) -m "not browser and not processes"

check: $(PROGRAM) ## run ruff and mypy --strict
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: $(PROGRAM) ## measure publishing, checking, site, form and cluster beside what one would type without this package, and other generators of sites
	@status=0; for each in archive checking site editor peers cluster; do $(BIN)/python -m benchmarks.$$each || status=1; done; exit $$status

fuzz: $(PROGRAM) ## MINUTES=10: fuzz each reader of files and pages for so long
	@$(BIN)/python -m benchmarks.fuzz $(MINUTES)

screenshots: $(PROGRAM) ## take the screenshots in docs/ anew
	@$(BIN)/python docs/screenshots/take.py
	@$(BIN)/python docs/screenshots/take_start.py

schema: $(PROGRAM) ## write the JSON Schemas of drafts and newsletter.yaml anew
	@$(BIN)/python -m embedai_nb.drafts.schema

reference: $(PROGRAM) ## write the reference of the commands, docs/commands.md, anew
	@$(BIN)/python -m embedai_nb.cli.reference

messages: $(PROGRAM) ## collect the messages of the code in the catalogues; what is new there waits for a translation
	@$(BIN)/pybabel --quiet extract --mapping-file pyproject.toml --no-default-keywords \
	  --keyword _ --keyword N_ --keyword _n:1,2 --keyword NN_:1,2 --keyword NP_:1c,2 \
	  --no-location --sort-output --no-wrap --omit-header --output-file .venv/messages.pot embedai_nb
	@for po in $(CATALOGUES:.mo=.po); do \
	  $(BIN)/pybabel --quiet update --input-file .venv/messages.pot --output-file $$po \
	    --locale $$(basename $${po%/LC_MESSAGES/messages.po}) --no-fuzzy-matching --ignore-obsolete --no-wrap --ignore-pot-creation-date; done
	@$(MAKE) --no-print-directory $(CATALOGUES)

%.mo: %.po | $(READY)
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

lock: $(PROGRAM) ## pin the newest versions of all dependencies
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra dev --generate-hashes --no-annotate --no-header --no-emit-index-url --upgrade --output-file requirements.lock pyproject.toml

clean: ## remove .venv and the caches of tools; versions of drafts kept in issues/.cache stay
	@rm -rf .venv .pytest_cache .hypothesis .mypy_cache .ruff_cache
