# Every target does its own set-up; `make demo` and `make test` work on a fresh clone.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
UV     := uv==0.13.9
# The order is random, and its seed is printed first: `make test TESTS=--randomly-seed=1`.
TESTS  :=
PYTEST := $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(TESTS)
# Python keeps what it compiles, whatever the caller's habit: each start would compile it again.
# Compiled in setup is what a run imports; all that is installed would take four times as long.
# dbt's project is parsed there too, once for all home folders: each would take ten seconds for it.
unexport PYTHONDONTWRITEBYTECODE
DBT_MODULES := dbt.cli.main, dbt.adapters.duckdb, dbt.task.build, dbt.parser.manifest
RUN_MODULES := stripe_pipeline.orchestration.runs, stripe_pipeline.demo.store.server, \
	stripe_pipeline.terminal.summary_tables, stripe_pipeline.ingestion.sync, \
	stripe_pipeline.activation.export, dagster_dbt, pandas
# `make check` lints the models and loads the definitions in a home folder of its own.
CHECK  := $(CURDIR)/var/check
PARSED := $(VENV)/share/stripe-pipeline/dbt
# Its project folder has the models of the segment files, beside links to those of dbt_project.
PROJECT := $(CHECK)/dbt/project
DBT    := STRIPE_PIPELINE_HOME=$(CHECK) DBT_PROJECT_DIR=$(PROJECT) DBT_PROFILES_DIR=$(PROJECT) \
	STRIPE_PIPELINE_WAREHOUSE=../../warehouse.duckdb STRIPE_PIPELINE_LAKE=../../lake \
	DBT_TARGET_PATH=$(CHECK)/dbt/target DBT_LOG_PATH=$(CHECK)/dbt/logs DBT_SEND_ANONYMOUS_USAGE_STATS=false

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-slow soak check ui docs fields pages readme bench lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/:/' | awk -F: '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(READY) ## the environment alone (.venv)

$(READY): requirements.lock requirements-types.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; say which with: make setup PYTHON=/path/to/python3.11"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(UV)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(VENV)/types
	$(BIN)/uv pip install --quiet --python $(VENV)/types/bin/python --require-hashes -r requirements-types.lock
	@ln -sf ../types/bin/mypy $(BIN)/mypy
	@$(BIN)/python -c 'import $(DBT_MODULES)' & $(BIN)/python -c 'import $(RUN_MODULES)'; wait $$!
	@$(BIN)/python -m stripe_pipeline.warehouse.manifest
	@touch $@

lock: ## pin every package again
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--group dev pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--group types -o requirements-types.lock

demo: $(READY) ## the whole product on the built-in demo store: no account, no network
	@$(BIN)/stripe-pipeline demo

# What a changed project parses to, for the homes of all tests.
.PHONY: parsed
parsed: $(READY)
	@$(BIN)/python -m stripe_pipeline.warehouse.manifest

test: parsed ## every rule and every path once
	$(PYTEST) -m "not slow"

test-slow: parsed ## what takes longer: whole runs in many variants, kills, load
	$(PYTEST) -m slow

soak: $(READY) ## the long random runs at full count
	HYPOTHESIS_PROFILE=soak $(BIN)/python -m pytest -n 2 --dist loadfile --durations 20 \
		tests/properties tests/ingestion/faults tests/ingestion/test_budget.py \
		tests/stripe_client/test_pace.py tests/ingestion/webhooks/test_any_order.py \
		tests/ingestion/webhooks/test_crashes.py tests/e2e/test_kills.py \
		tests/activation/test_random_days.py \
		tests/activation/templating/test_any_template.py tests/segments tests/forget

# The longest first, two at a time: each takes one core.
CHECKS := check-types check-sql check-models check-definitions check-style
.PHONY: $(CHECKS) check-dbt

check: $(READY) ## formatting, lint, types, SQL lint, dbt parse, definitions load
	@$(MAKE) --no-print-directory --jobs 2 $(CHECKS)
	@echo "Everything is in order."

check-types:
	$(BIN)/mypy

check-sql: check-dbt
	$(BIN)/python -m lint.portable_sql $(PROJECT)/segment_models dbt_project/models \
		dbt_project/tests/*.sql
	$(DBT) $(BIN)/python -m lint.sql_style $(PROJECT)/models $(PROJECT)/segment_models

# dbt parses only what changed since the last parse.
check-dbt: parsed
	@STRIPE_PIPELINE_HOME=$(CHECK) $(BIN)/python -m stripe_pipeline.warehouse.dbt_folders
	@mkdir -p $(CHECK)/dbt/target
	@cp $(PARSED)/manifest.json $(PARSED)/target/partial_parse.msgpack $(CHECK)/dbt/target/

check-models: check-dbt
	$(BIN)/dbt-bouncer run --config-file dbt_project/dbt-bouncer.yml

check-definitions:
	STRIPE_PIPELINE_HOME=$(CHECK) VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/dg check defs

check-style:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

ui: $(READY) ## Dagster's web UI on the current home folder
	@$(BIN)/stripe-pipeline ui

docs: $(READY) ## the dbt docs site, built static and served
	@$(BIN)/stripe-pipeline docs

fields: $(READY) ## write docs/reference/fields.md and tables.md, from the descriptions in dbt_project
	@$(BIN)/python -m doc_pages.fields

pages: $(READY) ## write the other generated pages: commands, settings, the index of decisions
	@$(BIN)/python -m doc_pages

readme: $(READY) ## run the demo, and write what it prints into README.md
	@$(BIN)/python -m doc_pages.readme

bench: $(READY) ## the benchmarks, side by side
	$(BIN)/python -m benchmarks

clean: ## take the environment, the demo and the benchmarks' tools away; the rest of var/ stays
	rm -rf $(VENV) var/demo var/bench .pytest_cache .mypy_cache .ruff_cache
