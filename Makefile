# Every target sets up what it needs, once: .venv with pinned dependencies, then the index.
# uv is used when it is present, else pip. PIP_FIND_LINKS, where set, is honoured by both (the CPU build of torch, for one).
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
INDEX := .index
Q ?= 广州奥特曼案里，平台为什么要承担赔偿责任？

UV := $(shell command -v uv)
ifdef UV
  CREATE := UV_FIND_LINKS="$$PIP_FIND_LINKS" uv venv --quiet --allow-existing --python "$(PYTHON)" $(VENV)
  INSTALL := UV_FIND_LINKS="$$PIP_FIND_LINKS" uv pip install --quiet --python $(BIN)/python -c constraints.txt
else
  CREATE := "$(PYTHON)" -m venv $(VENV)
  INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
endif

CORPUS_FILES := $(shell find corpus -type f -not -name '.*' 2>/dev/null)
CODE_OF_INDEX := $(wildcard ingest/*.py rag/*.py) rag/model/static/0_StaticEmbedding/model.safetensors

.PHONY: help app ask index test browser-test eval bench lint lock clean
help:
	@echo "make ask Q=\"…\"      ask one question"
	@echo "make app            chat on http://localhost:8501"
	@echo "make test           the whole offline test suite"
	@echo "make browser-test   the chat in a real browser (needs Chromium)"
	@echo "make eval           the evaluation suite and its page"
	@echo "make bench          retrieval beside LangChain and Chroma, and what it costs (LAWS=dir QUESTIONS=file: on these statutes too)"
	@echo "make lint           format, types, import contract, corpus"

$(VENV)/.runtime: pyproject.toml constraints.txt
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "需要 Python 3.11 或更高：make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "准备环境（仅首次）…" >&2
	@$(CREATE)
	@$(INSTALL) -e . >&2
	@touch $@

$(VENV)/.ui: $(VENV)/.runtime
	@$(INSTALL) -e '.[ui]' >&2
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime
	@$(INSTALL) -e '.[ui,sbert,train,test,browser,lint]' >&2
	@touch $@

$(VENV)/.eval: $(VENV)/.runtime
	@$(INSTALL) -e '.[eval]' >&2
	@touch $@

$(VENV)/.bench: $(VENV)/.runtime
	@$(INSTALL) -e '.[bench]' >&2
	@touch $@

# The manifest is written last, so an interrupted build is begun again; a build that finds nothing changed still counts as done.
$(INDEX)/.current: $(VENV)/.runtime $(CORPUS_FILES) $(CODE_OF_INDEX)
	@$(BIN)/python -m ingest --index $(INDEX) >&2 || $(BIN)/python -m ingest --index $(INDEX) --rebuild >&2
	@touch $@

index: $(INDEX)/.current

ask: $(INDEX)/.current
	@$(BIN)/python -m rag ask "$$QUESTION" --index $(INDEX)
ask: export QUESTION = $(Q)

app: $(VENV)/.ui $(INDEX)/.current
	@$(BIN)/python -m ui --index $(INDEX)

test: $(VENV)/.dev
	@$(BIN)/python -m pytest -m "not browser"

browser-test: $(VENV)/.dev
	@$(BIN)/python -m pytest -m browser

eval: $(VENV)/.eval $(INDEX)/.current
	@$(BIN)/python -m evals run --index $(INDEX)
	@$(BIN)/python -m evals report

bench: $(VENV)/.bench $(INDEX)/.current
	@$(BIN)/python -m evals bench --index $(INDEX) $(if $(LAWS),--laws "$(LAWS)") $(if $(QUESTIONS),--questions "$(QUESTIONS)")

lint: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m ingest check
	@$(BIN)/python -m ingest scope --check

# Pins for every extra, without the host they came from and without the local build of torch.
lock:
	@UV_FIND_LINKS="$$PIP_FIND_LINKS" uv pip compile --quiet pyproject.toml --all-extras --python-version 3.11 \
	  --no-emit-index-url --no-emit-find-links --no-annotate --no-header | sed 's/+cpu//' > constraints.txt

clean:
	@rm -rf $(VENV) $(INDEX)
