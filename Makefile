# One command each: `make` lists them. Everything lives in .venv, made from uv.lock.

PY ?= python3
# A bare `command` may be run without a shell, where it is no builtin: hence sh -c.
UV := $(or $(shell sh -c 'command -v uv'),.venv/bin/uv)
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest -q -n auto --dist worksteal
IN_RANGE := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))

export UV_PYTHON_DOWNLOADS ?= never
export UV_PROJECT_ENVIRONMENT := .venv
# Where the home folder cannot be written (services, containers), uv's cache goes beside .venv.
ifndef UV_CACHE_DIR
ifneq ($(shell d="$${XDG_CACHE_HOME:-$$HOME/.cache}/uv"; mkdir -p "$$d" 2>&1 && test -w "$$d" || echo no),)
export UV_CACHE_DIR := $(CURDIR)/.cache/uv
endif
endif

# What uv sync gets on top: extras are installed for their own target and otherwise taken out again.
SYNC :=

.DEFAULT_GOAL := help
.PHONY: help env run test nightly bench bench-peers lint types imports check

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 13

env: .venv/bin/python $(UV) ## make or refresh .venv; PY=python3.12 chooses the Python
	@$(BIN)/python -c '$(IN_RANGE)' || { \
	  echo ".venv holds a Python outside 3.11 to 3.13: remove .venv, then try make env PY=python3.12" >&2; exit 1; }
	@$(UV) sync -q --locked $(SYNC)

run: env ## watch a simulated market being traded, until you quit; in a pipe for a minute
	@$(BIN)/autoscalper demo

test: env ## every test that needs no network and no long time
	@$(PYTEST) -m "not nightly"

nightly: env ## the tests that take long, and a longer search of the properties
	@$(PYTEST) -m nightly
	@HYPOTHESIS_PROFILE=nightly $(PYTEST) tests/property

bench: SYNC := --inexact
bench: env ## measure speed on this machine
	@$(BIN)/python -m bench

bench-peers: SYNC := --extra bench
bench-peers: env ## the same ticks through other engines, which are installed until the next make env
	@$(BIN)/python -m bench.peers

lint: env ## ruff: rules and format
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

types: env ## mypy, strict
	@$(BIN)/mypy

imports: env ## who may import whom
	@$(BIN)/lint-imports --no-logo

check: lint types imports test ## all of these, in this order; what CI runs

# uv refuses nothing by itself: outside the range it would replace .venv by another Python it finds.
.venv/bin/python:
	@$(PY) -c '$(IN_RANGE)' || { \
	  echo "Python 3.11 to 3.13 is needed, $(PY) is not one; try make env PY=python3.12" >&2; exit 1; }
	@$(PY) -m venv --clear .venv || { rm -rf .venv; \
	  echo "$(PY) cannot make a virtual environment; on Debian: apt install python3-venv" >&2; exit 1; }

.venv/bin/uv: | .venv/bin/python
	@$(BIN)/python -m pip install -q --disable-pip-version-check 'uv>=0.9,<1' || { \
	  echo "uv could not be installed from the package index; is there a network?" >&2; exit 1; }
