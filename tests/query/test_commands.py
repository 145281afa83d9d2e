import shlex
from dataclasses import replace

import pytest

from tests.cli.running.typed import requested
from tests.query.conftest import MakeRun
from tests.report.conftest import made_spec
from tests.request.samples import ORIGIN, SCRIPT, text_of
from tunesmith.batch import BatchSpec, OptimizerSpec
from tunesmith.errors import TunesmithError
from tunesmith.execution import Execution
from tunesmith.flags.definition import FlagDefinition, FlagSource, ScriptFlags
from tunesmith.objective import Direction, Objective
from tunesmith.query.cell_source import ListedRuns
from tunesmith.query.columns import parse_column
from tunesmith.query.commands import batch_command, compare_command, run_command
from tunesmith.query.known import column_named
from tunesmith.request.option import Door, Option
from tunesmith.request.options import options_of, read_options
from tunesmith.request.specification import specify
from tunesmith.scalar import ScalarColumn, Statistic


def _spec(tag: str, statistic: Statistic = Statistic.LAST) -> BatchSpec:
    column = ScalarColumn(tag=tag, statistic=statistic)
    return replace(made_spec(), objective=Objective(column=column, direction=Direction.MAXIMIZE))


@pytest.mark.parametrize(
    ("tag", "statistic"),
    [
        ("loss", Statistic.LAST),
        ("loss", Statistic.MIN),
        ("val acc", Statistic.LAST),
        ("val acc", Statistic.MAX),
        ("train/val#acc", Statistic.LAST),
        ("time", Statistic.LAST),
        ("x", Statistic.LAST),
        ("x", Statistic.MEAN),
        ("a,b", Statistic.LAST),
        ("a, 'b'", Statistic.MIN),
        ("=x", Statistic.LAST),
        (".label", Statistic.LAST),
        ("min", Statistic.LAST),
        ("a=b $HOME", Statistic.LAST),
        ("loss as good", Statistic.LAST),
    ],
)
def test_a_comparison_is_sorted_by_the_objective_whatever_its_name(
    make_run: MakeRun, tag: str, statistic: Statistic
) -> None:
    command = compare_command(_spec(tag, statistic), is_sorted=True)

    *start, option, text = shlex.split(command)
    assert start == ["tunesmith", "compare", "f9f9f9f9", "--table"]
    assert option == "--max"
    run = make_run(flags={"x": 1, "lr": 1}, scalars={tag: 0.5})
    column = column_named(text, ListedRuns([run]))
    wanted = parse_column(f"{statistic} scalar:loss")
    assert column == replace(wanted, name=tag)


def test_a_name_that_no_text_means_is_left_out() -> None:
    command = compare_command(_spec("train step"), is_sorted=True)

    assert command == "tunesmith compare f9f9f9f9 --table"


def test_without_the_objective_nothing_is_sorted() -> None:
    assert "--m" not in compare_command(_spec("los"), is_sorted=False)


def test_a_run_is_repeated_with_what_was_set_and_how_it_ran(make_run: MakeRun) -> None:
    spec = replace(
        made_spec(),
        given=("x", "lr"),
        extra_arguments=("--data", "my data"),
        execution=Execution(
            python="/env/bin/python",
            is_in_place=True,
            links=("data",),
            output_scalars=(r"loss=(\value)",),
            timeout_s=0.5,
            jobs=4,
        ),
    )
    run = make_run(flags={"x": 0.25, "lr": 0.1, "kind": "a", "noise": 0.1})

    assert run_command(run, spec) == (
        "tunesmith run train.py lr=0.1 x=0.25 --python /env/bin/python --cwd project --link data "
        r"--output-scalars 'loss=(\value)' --timeout 0.5s -- --data 'my data'"
    )


def test_a_run_without_a_specification_is_repeated_with_every_flag(make_run: MakeRun) -> None:
    run = make_run(flags={"x": 0.25, "kind": "a b"})

    assert run_command(run, None) == "tunesmith run train.py 'kind='\"'\"'a b'\"'\"'' x=0.25"


def test_a_search_is_repeated_with_its_seed_and_its_optimizer() -> None:
    assert batch_command(made_spec()) == (
        "tunesmith run train.py 'kind=[a,b]' 'lr=loguniform[1e-5:1e-1]' noise=0.3 'x=[-2.0:2.0]' "
        "--optimizer gp --max-trials 20 --random-seed 7 -Fo random-starts=5"
    )


def _grid(n_trials: int) -> BatchSpec:
    kind = made_spec().settings["kind"]
    return replace(
        made_spec(),
        optimizer=OptimizerSpec(name="grid"),
        settings={"x": 0.1, "kind": kind},
        given=("kind",),
        n_trials=n_trials,
    )


def test_a_whole_grid_needs_no_number_of_trials() -> None:
    assert batch_command(_grid(2)) == "tunesmith run train.py 'kind=[a,b]'"


def test_a_sample_of_a_grid_is_repeated_as_the_same_sample() -> None:
    command = batch_command(_grid(1))

    assert command == "tunesmith run train.py 'kind=[a,b]' --max-trials 1 --random-seed 7"


def test_a_batch_of_a_file_names_the_file() -> None:
    spec = replace(_grid(2), settings={"x": 0.1}, given=(), rows=({"x": 1}, {"x": 2}))

    assert batch_command(spec) is None
    assert batch_command(replace(spec, files=("my rows.csv",))) == (
        "tunesmith run train.py '@my rows.csv'"
    )


def test_flags_that_the_script_does_not_have_are_forced_again() -> None:
    nothing = ScriptFlags(
        source=FlagSource.ARGPARSE, definitions=(FlagDefinition(name="kind", default="a"),)
    )
    spec = replace(_grid(2), script_flags=nothing, given=("kind", "x"))

    assert batch_command(spec) == "tunesmith run train.py 'kind=[a,b]' x=0.1 --force-flags"


def test_how_many_trials_run_at_once_is_repeated() -> None:
    execution = Execution(jobs=3, retries=2, max_failures=5, is_fatal_on_error=True)

    assert batch_command(replace(_grid(2), execution=execution)) == (
        "tunesmith run train.py 'kind=[a,b]' --jobs 3 --retries 2 --max-failures 5 "
        "--fail-on-trial-error"
    )


WORDS = (
    ("x=[-2.0:2.0]",),
    ("x=[0.1,2]", "name=[a b,'1']"),
    ("x=loguniform[1e-5:1]", "name=it's $HOME"),
    ("x=[1,2,3]", "--max-trials", "2"),
    ("x=[0.0:1.0]", "-N", "loss"),
    ("x=[0.0:1.0]", "--", "--data", "my data"),
)
"""What is typed beside an option: searches, grids, texts that a shell would read."""


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
@pytest.mark.parametrize("option", options_of(Door.RUN), ids=lambda one: one.name)
def test_the_command_of_a_batch_makes_an_equal_one(option: Option, words: tuple[str, ...]) -> None:
    request = requested("train.py", *words)
    try:
        if getattr(request, option.name) is None:
            request = replace(request, **read_options({option.name: text_of(option)}))
        spec = specify(request, SCRIPT, (), ORIGIN)
    except TunesmithError:
        pytest.skip("these exclude each other")

    command = batch_command(spec)

    assert command is not None
    again = requested(*shlex.split(command)[2:])
    made = specify(again, SCRIPT, (), replace(ORIGIN, seed=8))
    is_whole_grid = "--random-seed" not in command  # of which no order and no sample is drawn
    assert made == (replace(spec, seed=8) if is_whole_grid else spec)
