# make demo    watch the synthetic arena (nothing else needed than Python >= 3.11)
# make test    tests and checks, by two workers; EXTRAS=all for everything, torch included
# make lint    formatting, types and layers

PYTHON ?= python3
EXTRAS ?=
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
else
BIN := .venv/bin
endif
ifeq ($(EXTRAS),all)
WANTED := dev,dev-view,analysis,basler,devices,lightgbm,tensorrt,train,view
STAMP := .venv/.with-all
else ifneq ($(EXTRAS),)
WANTED := dev,$(EXTRAS)
STAMP := .venv/.with-$(subst $(comma),-,$(EXTRAS))
else
WANTED := dev
STAMP := .venv/.with-dev
endif
DEMO ?=
comma := ,

.PHONY: demo test lint clean

.venv/.made:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	$(BIN)/python -c "open('.venv/.made', 'w').close()"

$(STAMP): .venv/.made pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[$(WANTED)]"
	$(BIN)/python -c "open('$(STAMP)', 'w').close()"

demo: .venv/.made
	$(BIN)/selfee-rt demo $(DEMO)

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/python tools/check_types.py
	$(BIN)/lint-imports

test: $(STAMP) lint
	$(BIN)/python -m pytest --numprocesses=2 --durations=15

clean:
	$(PYTHON) -c "import shutil; [shutil.rmtree(p, ignore_errors=True) for p in ('.venv', 'dist')]"
