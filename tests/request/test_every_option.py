"""Laws over the table of options; none of them names an option by hand."""

from dataclasses import fields, replace
from functools import partial
from typing import Any

import pytest

from tests.request.samples import ORIGIN, SCRIPT, text_of, value_of
from tunesmith.batch import BatchSpec
from tunesmith.errors import SpecificationError, UsageError
from tunesmith.request.change import change
from tunesmith.request.option import Door, Option
from tunesmith.request.options import OPTIONS, read_options, said_options
from tunesmith.request.reading import read_arguments
from tunesmith.request.specification import specify
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.trial import PlannedTrial, TrialRecord, TrialStatus, trial_id

every_option = pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
PLAIN = SweepRequest(script="train.py", optimizer="gp", **read_arguments(["x=[-2.0:2.0]"]))
FAILED = TrialRecord(
    id=trial_id(ORIGIN.id, 1),
    batch=ORIGIN.id,
    number=1,
    attempt=1,
    operation="train.py",
    script="train.py",
    status=TrialStatus.ERROR,
    exit_code=1,
    started=2.0,
    stopped=3.0,
    seconds=1.0,
)
PLANNED = [PlannedTrial(number=1, flags={"x": 0.0, "name": "a"}, origin="gp")]


def new(request: SweepRequest) -> BatchSpec:
    return specify(request, SCRIPT, (), ORIGIN)


def go_on(spec: BatchSpec, request: SweepRequest, *, n_done: int = 1) -> BatchSpec:
    return change(spec, request, planned=PLANNED[:n_done], records=[FAILED][:n_done], now=5.0)


def outcome(make: Any, *args: Any) -> Any:
    """Return a specification, or the message that refuses it."""
    try:
        return make(*args)
    except UsageError as error:
        return str(error)


CONTEXTS = (("x=[-2.0:2.0]",), ("x=[-2.0:2.0]", "name=[1,2]"), ("x=[-2.0:2.0]", "other=1"))
"""Flags beside an option: what is about the reading of flags shows where they need it."""


def outcomes(option: Option, make: Any, request: SweepRequest) -> list[tuple[Any, Any]]:
    """Return what comes of a request without and with an option, in each context."""
    plain = [replace(request, **read_arguments(words)) for words in CONTEXTS]
    said = [replace(one, **read_options({option.name: text_of(option)})) for one in plain]
    return [(outcome(make, one), outcome(make, two)) for one, two in zip(plain, said, strict=True)]


@every_option
def test_an_option_is_a_field_of_the_request(option: Option) -> None:
    assert option.name in {field.name for field in fields(SweepRequest)}


def test_every_field_but_the_arguments_is_an_option() -> None:
    arguments = {*("script", "folder", "flags", "files", "extra_arguments"), "default_optimizer"}
    arguments |= {"subcommand", "command"}
    names = [field.name for field in fields(SweepRequest) if field.name not in arguments]
    assert sorted(names) == sorted(option.name for option in OPTIONS)


@every_option
def test_text_and_value_are_the_same_request(option: Option) -> None:
    assert option.value(text_of(option)) == option.value(value_of(option))


@every_option
def test_what_was_read_stays_as_it_is_when_it_is_read_again(option: Option) -> None:
    read = option.value(text_of(option))
    assert option.value(read) == read


@every_option
def test_what_an_option_cannot_be_is_refused_by_its_name(option: Option) -> None:
    with pytest.raises(SpecificationError, match=f"^{option.flag}"):
        option.value(object())


@every_option
def test_what_is_empty_was_not_said(option: Option) -> None:
    empty: tuple[object, ...] = (None, "", (), [])
    assert [read_options({option.name: one}) for one in empty] == [{}] * len(empty)


@every_option
def test_a_new_batch_takes_an_option_or_refuses_it_by_name(option: Option) -> None:
    pairs = outcomes(option, new, PLAIN)
    if Door.RUN in option.doors:
        assert any(isinstance(told, BatchSpec) and told != plain for plain, told in pairs)
    else:
        assert all(told.startswith(f"{option.flag} needs --restart") for _, told in pairs)


@every_option
def test_a_restart_changes_an_option_or_refuses_it_by_name(option: Option) -> None:
    spec = new(PLAIN)
    pairs = outcomes(option, partial(go_on, spec), SweepRequest())
    if option.can_change:
        assert any(isinstance(told, BatchSpec) and told != plain for plain, told in pairs)
    else:
        refused = f"{option.flag} cannot change at a restart: {option.fixed}"
        assert [told for _, told in pairs] == [refused] * len(pairs)


@every_option
def test_a_restart_may_say_again_what_the_batch_has(option: Option) -> None:
    if Door.RUN not in option.doors:
        pytest.skip("of a restart alone")
    said = read_options({option.name: text_of(option)})
    spec = new(replace(PLAIN, **said))
    again = go_on(spec, SweepRequest(**said), n_done=0)
    expected = replace(spec, n_trials=again.n_trials)  # a number of trials is one of further ones
    assert replace(again, generation=0, restarted=spec.restarted) == expected


@every_option
def test_an_option_that_cannot_change_says_why_and_no_other_does(option: Option) -> None:
    assert bool(option.fixed) != option.can_change


@every_option
def test_a_restart_keeps_what_a_batch_was_asked_for(option: Option) -> None:
    if Door.RUN not in option.doors:
        pytest.skip("of a restart alone")
    spec = new(replace(PLAIN, **read_options({option.name: text_of(option)})))
    kept = go_on(spec, SweepRequest(), n_done=0)
    assert replace(kept, generation=0, restarted=spec.restarted) == spec


@every_option
def test_a_request_says_what_was_given_and_nothing_else(option: Option) -> None:
    assert list(said_options(SweepRequest(**read_options({option.name: text_of(option)})))) == [
        option
    ]


@every_option
def test_a_switch_that_is_off_was_said(option: Option) -> None:
    if option.kind != "yes or no":
        pytest.skip("no switch")
    assert read_options({option.name: False}) == {option.name: False}
