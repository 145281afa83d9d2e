"""What is written as a sweep file is read as the same request, by us and by other readers."""

import json
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.request.samples import text_of
from tunesmith.errors import SpecificationError
from tunesmith.flags.assignments import ValueAssignment
from tunesmith.flags.conditions.condition import Condition
from tunesmith.flags.distributions import interval
from tunesmith.flags.priors import REACH, Beta, Normal
from tunesmith.flags.settings import Distribution, Setting
from tunesmith.flags.steps import Steps
from tunesmith.flags.values import FlagValue
from tunesmith.request.option import Door, Option
from tunesmith.request.options import options_of, read_options
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.sweeps.distributions import listed
from tunesmith.sweeps.reading import read_sweep
from tunesmith.sweeps.writing import write_sweep
from tunesmith.sweeps.yaml_text import to_yaml

names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,12}", fullmatch=True).filter(
    lambda name: not any(word in name.lower() for word in ("key", "token", "pass", "secret"))
)
values: st.SearchStrategy[FlagValue] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=4,
)
finite = st.floats(-1e6, 1e6)


@st.composite
def distributions(draw: st.DrawFn) -> Setting:
    """Every kind of interval that a file can say."""
    kind = draw(st.sampled_from(["uniform", "log", "whole", "whole log", "steps", "normal"]))
    low = draw(finite)
    high = draw(st.floats(low + 1.0, 1e7))
    initial = draw(st.none() | st.just(high))
    if kind == "uniform":
        return interval(low, high, initial=initial)
    if kind == "log":
        return interval(abs(low) + 0.001, abs(low) + 5.0, is_log=True)
    if kind.startswith("whole"):
        least = int(abs(low)) + 1
        is_log = kind == "whole log"
        return interval(least, least + 7, is_integer=True, is_log=is_log)
    if kind == "steps":
        steps = Steps.multiples(int(low), int(high), draw(st.integers(2, 9)))
        if steps.size < 2:
            return 3
        return interval(steps.low, steps.high, step=steps.step, is_integer=True)
    return normal(draw(st.floats(-50, 50)), draw(st.floats(0.1, 3)), is_log=draw(st.booleans()))


def normal(mean: float, sd: float, *, is_log: bool) -> Setting:
    """A normal distribution as a file says it."""
    kind = "log_normal" if is_log else "normal"
    parameter = {"distribution": kind, "mu": mean, "sigma": sd}
    return setting_of(json.dumps({"parameters": {"x": parameter}}), name="a.json")


def setting_of(text: str, *, name: str) -> Setting:
    (flag,) = read_sweep(text, name=name, environ={}).request.flags or ()
    assert isinstance(flag, ValueAssignment)
    return flag.setting


choices = st.lists(values, min_size=1, max_size=5).map(listed) | st.just(
    listed(["a", "b", "c"], probabilities=(0.5, 0.25, 0.25))
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    given_flags=st.dictionaries(names, values | choices | distributions(), max_size=4),
    suffix=st.sampled_from([".yaml", ".yml", ".json"]),
    extra=st.lists(st.from_regex(r"[-a-z][a-z=0-9 .]{0,8}", fullmatch=True), max_size=2),
)
def test_what_is_written_is_read_as_the_same_request(
    given_flags: dict[str, Setting], suffix: str, extra: list[str]
) -> None:
    request = SweepRequest(
        script="train.py", optimizer="random", max_trials=3, extra_arguments=tuple(extra) or None
    )
    text = write_sweep(request, given_flags, name=f"a{suffix}")
    found = read_sweep(text, name=f"a{suffix}", environ={}).request

    assert found.flags == (
        tuple(ValueAssignment(name=n, setting=one) for n, one in given_flags.items()) or None
    )
    assert (found.script, found.optimizer, found.max_trials) == ("train.py", "random", 3)
    assert found.extra_arguments == request.extra_arguments


def options_in_files() -> list[Option]:
    return [one for one in options_of(Door.FILE) if Door.RUN in one.doors]


@pytest.mark.parametrize("option", options_in_files(), ids=lambda option: option.name)
@pytest.mark.parametrize("name", ["a.yaml", "a.json"])
def test_every_option_is_written_and_read(option: Option, name: str) -> None:
    said = read_options({option.name: text_of(option)})
    request = SweepRequest(script="train.py", **said)
    assert (
        read_sweep(write_sweep(request, {}, name=name), name=name, environ={}).request == request
    )


@pytest.mark.parametrize(("option", "word"), [("timeout", "none"), ("max_failures", "none")])
def test_the_word_none_is_written_and_read(option: str, word: str) -> None:
    request = SweepRequest(script="train.py", **read_options({option: word}))
    text = write_sweep(request, {}, name="a.yaml")

    assert f'{option}: "none"' in text
    assert read_sweep(text, name="a.yaml", environ={}).request == request


def test_secrets_are_not_written() -> None:
    text = write_sweep(SweepRequest(script="train.py"), {"api_key": "abc", "x": 1}, name="a.yaml")

    assert text == "program: train.py\nparameters:\n  x: {value: 1}\n"


def test_steps_that_are_no_multiples_are_refused_by_name() -> None:
    with pytest.raises(SpecificationError, match="x is searched over"):
        write_sweep(SweepRequest(), {"x": interval(1, 10, step=3)}, name="a.yaml")


@pytest.mark.parametrize(
    ("setting", "written"),
    [
        (interval(1e-5, 0.1, is_log=True), "log_uniform_values, min: 1.0e-05, max: 0.1"),
        (interval(1, 8, is_integer=True), "int_uniform, min: 1, max: 8"),
        (
            interval(1, 8, is_integer=True, is_log=True),
            "q_log_uniform_values, min: 1, max: 8, q: 1",
        ),
        (interval(-REACH, REACH, prior=Normal(mean=0.0, sd=1.0)), "normal, mu: 0.0, sigma: 1.0"),
        (interval(0.0, 1.0, prior=Beta(a=2, b=5), step=0.5), "q_beta, a: 2, b: 5, q: 0.5"),
    ],
)
def test_the_distributions_have_the_names_of_wandb(setting: Distribution, written: str) -> None:
    text = write_sweep(SweepRequest(script="t.py"), {"x": setting}, name="a.yaml")

    assert f"  x: {{distribution: {written}}}\n" in text
    assert setting_of(text, name="a.yaml") == setting


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(document=st.dictionaries(st.text(max_size=9), values, min_size=1, max_size=4))
def test_other_readers_of_yaml_read_the_same(document: dict[str, Any]) -> None:
    read = yaml.safe_load(to_yaml(document))

    assert read == json.loads(json.dumps(document))


@pytest.mark.parametrize(
    "request_",
    [
        SweepRequest(command=("torchrun", "-m", "a", "{flags}")),
        SweepRequest(command=("python", "a.py", "--lr={lr}", "{config}")),
        SweepRequest(script="a.py", subcommand=("fit",), extra_arguments=("--fast",)),
    ],
)
def test_commands_are_written_and_read(request_: SweepRequest) -> None:
    text = write_sweep(request_, {"lr": 0.5}, name="a.yaml")
    found = read_sweep(text, name="a.yaml", environ={}).request

    assert replace(found, flags=None) == request_


@pytest.mark.parametrize("name", ["s.yaml", "s.json"])
def test_a_condition_is_written_and_read(name: str) -> None:
    typed = "if kernel == 'poly' and n > 2"
    condition = Condition(text=typed.removeprefix("if "))
    of: dict[str, Setting] = {
        "kernel": listed(["poly", "rbf"]),
        "n": interval(1, 9, is_integer=True),
        "degree": replace(interval(2, 5, is_integer=True), condition=condition),
        "coef": replace(listed([0.1, 0.2]), condition=condition),
        "only": replace(listed([7]), condition=condition),
    }
    text = write_sweep(SweepRequest(script="t.py", optimizer="gp"), of, name=name)
    found = read_sweep(text, name=name, environ={}).request

    assert {
        one.name: one.setting for one in found.flags or () if isinstance(one, ValueAssignment)
    } == of
