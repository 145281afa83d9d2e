"""Every option of the table, given at every door: the same request, or a refusal by its name.

What a request comes to, in a new batch and in one that goes on, is in ``test_every_option``.
"""

import inspect
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pytest
from prefect.exceptions import SignatureMismatchError

import tunesmith
from tests.request.samples import ORIGIN, SCRIPT, text_of, value_of
from tests.request.test_every_option import every_option, outcome
from tunesmith.api.restart_options import RestartOptions, read_restart
from tunesmith.api.running import read_call
from tunesmith.batch import BatchSpec
from tunesmith.cli.main import group
from tunesmith.cli.options.run_options import RunOptions
from tunesmith.cli.running.run import run
from tunesmith.cli.serving.deploy import form_parameters, new_
from tunesmith.errors import SpecificationError
from tunesmith.flows.firing import check_firing
from tunesmith.flows.form import read_form
from tunesmith.flows.scheduled import sweep
from tunesmith.request.option import Door, Kind, Option
from tunesmith.request.options import OPTIONS, options_of
from tunesmith.request.specification import specify
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.sweeps.opening import resolve

WORDS = ["train.py", "x=[-2.0:2.0]", "--optimizer", "gp"]
MADE_WITH = {
    "script": "train.py",
    "folder": "/project",
    "flags": ["x=[-2.0:2.0]"],
    "optimizer": "gp",
}


def words_of(option: Option) -> list[str]:
    """Return an option as it is typed."""
    if option.bare:
        return [f"{option.flag}={text_of(option)}"]
    return [option.flag] if option.kind is Kind.SWITCH else [option.flag, text_of(option)]


def json_of(option: Option) -> Any:
    """Return an option's value as a form has it."""
    if option.kind in (Kind.COUNT, Kind.SWITCH):
        return value_of(option)
    return [text_of(option)] if option.has_several else text_of(option)


def typed(option: Option, *, before: Sequence[str] = WORDS) -> SweepRequest:
    context = run.make_context("run", [*before, *words_of(option)], **group.context_settings)
    return RunOptions.from_options(context.params, extra_arguments=()).request


def restarted(option: Option) -> SweepRequest:
    return typed(option, before=["--restart", "1"])


def deployed(option: Option) -> SweepRequest:
    context = new_.make_context("deploy", [*WORDS, *words_of(option)], **group.context_settings)
    spec = specify(typed(option), SCRIPT, (), ORIGIN)
    parameters = form_parameters(context.params, spec, Path("/project/.tunesmith"))
    assert sweep.validate_parameters(parameters)[option.name] == parameters[option.name]
    return read_form(json.loads(json.dumps(parameters)))


def filled_in(option: Option) -> SweepRequest:
    return read_form(sweep.validate_parameters({**MADE_WITH, option.name: json_of(option)}))


def programmed(option: Option) -> SweepRequest:
    given: dict[str, Any] = {"x": tunesmith.uniform(-2, 2), "optimizer": "gp"}
    given[option.name] = value_of(option)
    return read_call(inspect.signature(tunesmith.run).bind("train.py", **given).arguments)


def restarted_by_program(option: Option) -> SweepRequest:
    return read_restart({option.name: value_of(option)}, {})


DOORS: dict[Callable[[Option], SweepRequest], Door] = {
    typed: Door.RUN,
    restarted: Door.RESTART,
    restarted_by_program: Door.RESTART,
    deployed: Door.DEPLOY,
    filled_in: Door.FORM,
    programmed: Door.PYTHON,
}


def options_at(*, has: bool, but: Sequence[Door] = ()) -> pytest.MarkDecorator:
    """Parametrize over the options that each door has, or those that it has not."""
    pairs = [
        pytest.param(door, option, id=f"{door.__name__}-{option.name}")
        for door, kind in DOORS.items()
        for option in OPTIONS
        if (kind in option.doors) == has and kind not in but
    ]
    return pytest.mark.parametrize(("door", "option"), pairs)


of_the_form = pytest.mark.parametrize("option", options_of(Door.FORM), ids=lambda one: one.name)


def refusal(door: Callable[[Option], SweepRequest], option: Option) -> str:
    """Return how a door refuses an option; empty where it lets it in."""
    try:
        request = door(option)
    except (click.NoSuchOption, SignatureMismatchError) as error:
        return str(error)
    new = outcome(specify, request, SCRIPT, (), ORIGIN)
    return "" if isinstance(new, BatchSpec) else str(new)


@options_at(has=True)
def test_an_option_that_a_door_has_is_in_the_request(
    door: Callable[[Option], SweepRequest], option: Option
) -> None:
    assert getattr(door(option), option.name) == option.value(text_of(option))


@options_at(has=True, but=[Door.RESTART])
def test_a_batch_is_the_same_by_whatever_door_it_came_in(
    door: Callable[[Option], SweepRequest], option: Option
) -> None:
    expected = outcome(specify, typed(option), SCRIPT, (), ORIGIN)
    assert outcome(specify, door(option), SCRIPT, (), ORIGIN) == expected


@options_at(has=False, but=[Door.RESTART])  # whose refusals are those of ``change``
def test_an_option_that_a_door_does_not_have_is_refused_by_its_name(
    door: Callable[[Option], SweepRequest], option: Option
) -> None:
    if door is deployed and option.flag == "--name":
        pytest.skip("there it names the deployment")
    told = refusal(door, option)
    assert option.flag in told or repr(option.name) in told


@of_the_form
def test_a_firing_changes_how_it_searches_and_not_what_runs_where(option: Option) -> None:
    changed = {**MADE_WITH, option.name: json_of(option)}
    if Door.FIRING in option.doors:
        check_firing(changed, MADE_WITH)
    else:
        with pytest.raises(SpecificationError, match=rf"^{option.name} is .*tunesmith deploy"):
            check_firing(changed, MADE_WITH)


@every_option
def test_the_types_of_a_restart_from_python_name_what_can_change(option: Option) -> None:
    is_listed = option.name in RestartOptions.__annotations__ or option.name == "max_trials"
    is_meant = Door.PYTHON in option.doors or Door.RUN not in option.doors
    assert is_listed == (option.can_change and is_meant)


@of_the_form
def test_the_form_shows_an_option_with_its_description_and_its_choices(option: Option) -> None:
    shown = sweep.parameters.properties[option.name]
    assert shown["description"] == " ".join(option.description.split())
    enums = [one["enum"] for one in shown.get("anyOf", []) if "enum" in one]
    assert enums == ([list(option.choices)] if option.choices else [])


def test_a_deployment_keeps_a_seed_of_nothing() -> None:
    context = new_.make_context("deploy", [*WORDS, "--random-seed", "0"], **group.context_settings)
    spec = specify(read_form(MADE_WITH), SCRIPT, (), ORIGIN)
    assert form_parameters(context.params, spec, Path("/project/.tunesmith"))["seed"] == 0


def test_the_form_needs_a_script_and_its_folder_only() -> None:
    assert sweep.parameters.required == ["script", "folder"]
    assert Path(inspect.getfile(sweep.fn)).name == "scheduled.py"


def test_a_deployment_of_a_sweep_file_reads_it_at_each_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sweep.yaml").write_text("program: train.py\nparameters: {x: {value: 1}}\n")
    monkeypatch.chdir(tmp_path)
    context = new_.make_context("deploy", ["sweep.yaml", "name=b"], **group.context_settings)
    script = replace(SCRIPT, project=tmp_path)
    spec = specify(SweepRequest(script="train.py"), script, (), ORIGIN)
    parameters = form_parameters(context.params, spec, tmp_path / ".tunesmith")
    assert (parameters["script"], parameters["folder"]) == ("sweep.yaml", str(tmp_path))

    (tmp_path / "sweep.yaml").write_text("program: train.py\nparameters: {x: {value: 2}}\n")
    fired = resolve(read_form(parameters), environ={}).request

    assert fired.script == "train.py"
    assert specify(fired, script, (), ORIGIN).fixed_flags == {"x": 2, "name": "b", "seed": 0}
