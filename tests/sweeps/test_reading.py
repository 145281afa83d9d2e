"""What the text of a sweep file asks for, and what is refused by name."""

from typing import Any

import pytest

from tunesmith.errors import SpecificationError
from tunesmith.flags.assignments import Assignment, ValueAssignment
from tunesmith.flags.conditions.condition import Condition
from tunesmith.flags.definition import FlagStyle
from tunesmith.flags.distributions import interval
from tunesmith.flags.priors import Beta, Normal
from tunesmith.flags.settings import Choices, Distribution, Setting
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.sweeps.merging import over
from tunesmith.sweeps.reading import SweepFile, read_sweep

HEAD = "program: train.py\nmethod: random\n"


def read(text: str, *, name: str = "sweep.yaml", **environ: str) -> SweepFile:
    return read_sweep(text, name=name, environ=environ)


def settings_of(text: str) -> dict[str, Setting]:
    flags = read(f"{HEAD}parameters:\n{text}").request.flags or ()
    return {one.name: one.setting for one in flags if isinstance(one, ValueAssignment)}


def setting_of(parameter: str) -> Setting:
    return settings_of(f"  x: {parameter}")["x"]


def test_the_keys_of_wandb_become_a_request() -> None:
    found = read(
        """\
program: train.py
method: bayes
name: first try
metric: {name: val_loss, goal: maximize}
run_cap: 30
parameters:
  lr: {min: 0.1, max: 0.5}
  layers: {min: 1, max: 4}
  opt: {values: [adam, sgd]}
  epochs: {value: 3}
"""
    )
    request = found.request
    assert (request.script, request.optimizer, request.max_trials) == ("train.py", "gp", 30)
    assert str(request.maximize) == "val_loss"
    assert request.minimize is None
    assert request.label == "first try"
    assert request.flags == (
        ValueAssignment(name="lr", setting=Distribution(low=0.1, high=0.5, text="[0.1:0.5]")),
        ValueAssignment(
            name="layers",
            setting=Distribution(low=1, high=4, is_integer=True, text="integers[1:4]"),
        ),
        ValueAssignment(name="opt", setting=Choices(values=("adam", "sgd"), text="[adam, sgd]")),
        ValueAssignment(name="epochs", setting=3),
    )
    assert found.notes == ()


@pytest.mark.parametrize(
    ("parameter", "low", "high", "is_log"),
    [
        ("{min: 0, max: 0.5}", 0.0, 0.5, False),
        ("{distribution: uniform, min: 1, max: 5}", 1.0, 5.0, False),
        ("{distribution: log_uniform_values, min: 1e-5, max: 1e-1}", 1e-5, 1e-1, True),
        ("{distribution: log_uniform, min: 0, max: 2.302585092994046}", 1.0, 10.0, True),
        ("{distribution: inv_log_uniform, min: 0, max: 2.302585092994046}", 0.1, 1.0, True),
        ("{distribution: inv_log_uniform_values, min: 0.5, max: 2}", 0.5, 2.0, True),
    ],
)
def test_an_interval_of_floats(parameter: str, low: float, high: float, is_log: bool) -> None:
    setting = setting_of(parameter)

    assert isinstance(setting, Distribution)
    assert (setting.low, setting.high) == (low, high)
    assert (setting.is_log, setting.is_integer) == (is_log, False)


@pytest.mark.parametrize(
    ("parameter", "setting"),
    [
        ("{distribution: q_uniform, min: 0, max: 1, q: 0.25}", interval(0.0, 1.0, step=0.25)),
        (
            "{distribution: q_uniform, min: 3, max: 20, q: 5}",
            interval(5, 20, step=5, is_integer=True),
        ),
        (
            "{distribution: q_log_uniform_values, min: 1, max: 64, q: 8}",
            interval(8, 64, step=8, is_log=True, is_integer=True),
        ),
        (
            "{distribution: q_log_uniform, min: 2.07944154168, max: 4.15888308336, q: 8}",
            interval(8, 64, step=8, is_log=True, is_integer=True),
        ),
        ("{distribution: normal}", interval(-3.0, 3.0, prior=Normal(mean=0.0, sd=1.0))),
        (
            "{distribution: q_normal, mu: 10, sigma: 2}",
            interval(4, 16, step=1, is_integer=True, prior=Normal(mean=10, sd=2)),
        ),
        (
            "{distribution: log_normal, mu: 0, sigma: 0.5}",
            interval(0.2231301601484, 4.481689070338, is_log=True, prior=Normal(mean=0, sd=0.5)),
        ),
        (
            "{distribution: q_log_normal, mu: 0, sigma: 0.5, q: 2}",
            interval(2, 4, step=2, is_integer=True, is_log=True, prior=Normal(mean=0, sd=0.5)),
        ),
        ("{distribution: beta, a: 2, b: 5}", interval(0.0, 1.0, prior=Beta(a=2, b=5))),
        ("{distribution: beta}", interval(0.0, 1.0, prior=Beta(a=1, b=1))),
        (
            "{distribution: q_beta, a: 2, b: 2, q: 0.25}",
            interval(0.0, 1.0, step=0.25, prior=Beta(a=2, b=2)),
        ),
        ("{min: 0.0, max: 1.0, initial: 0.5}", interval(0.0, 1.0, initial=0.5)),
        (
            "{values: [a, b, c], probabilities: [0.5, 0, 0.5]}",
            Choices(values=("a", "c"), text="[a, c]", probabilities=(0.5, 0.5)),
        ),
        (
            "{distribution: categorical_w_probabilities, values: [1, 2], probabilities: [1, 0]}",
            Choices(values=(1,), text="[1]", probabilities=(1.0,)),
        ),
        (
            "{values: [1, 2, 1, 2], repeats: 2}",
            Choices(values=(1, 2, 1, 2), text="[1, 2]*2", n_repeats=2),
        ),
    ],
)
def test_steps_priors_and_probabilities(parameter: str, setting: Setting) -> None:
    assert setting_of(parameter) == setting


def test_a_grid_lists_what_can_be_listed() -> None:
    request = read(
        """\
program: train.py
method: grid
parameters:
  n: {min: 1, max: 3}
  by: {distribution: q_uniform, min: 0, max: 1, q: 0.5}
"""
    ).request

    assert request.flags == (
        ValueAssignment(name="n", setting=Choices(values=(1, 2, 3), text="[1, 2, 3]")),
        ValueAssignment(
            name="by", setting=Choices(values=(0.0, 0.5, 1.0), text="[0.0, 0.5, 1.0]")
        ),
    )


@pytest.mark.parametrize(
    ("parameter", "said"),
    [
        ("{min: 0.0, max: 1.0}", "x: [0.0:1.0] is an interval of floats: a grid needs values"),
        ("{min: 0, max: 1000000}", "has 1000001 values: a grid takes 100000"),
    ],
)
def test_a_grid_refuses_what_cannot_be_listed(parameter: str, said: str) -> None:
    with pytest.raises(SpecificationError) as caught:
        read(f"program: train.py\nmethod: grid\nparameters: {{x: {parameter}}}\n")

    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("{distribution: q_uniform, min: 1, max: 9, q: 5}", 5),
        ("{distribution: normal, mu: 3, sigma: 0}", 3.0),
        ("{value: 1e-3}", 0.001),
        ("{value: '1e-3'}", "1e-3"),
        ("{value: true}", True),
        ("{value: null}", None),
        ("{value: [1, 2]}", (1, 2)),
        ("{distribution: constant, value: x}", "x"),
        ("{min: 3, max: 3}", 3),
        ("{min: 0.5, max: 0.5}", 0.5),
    ],
)
def test_one_value(parameter: str, value: Any) -> None:
    assert setting_of(parameter) == value


def test_parameters_within_a_parameter_have_dotted_names() -> None:
    found = settings_of(
        "  model:\n    parameters:\n      size: {value: 3}\n"
        "      head: {parameters: {width: {values: [1, 2]}}}\n"
    )
    assert list(found) == ["model.size", "model.head.width"]


@pytest.mark.parametrize(
    ("given", "pruner"),
    [
        ("{type: hyperband, min_iter: 5}", "halving:5:3"),
        ("{type: hyperband, min_iter: 4, eta: 2, strict: true}", "halving:4:2"),
        ("{type: hyperband, max_iter: 27, s: 2}", "halving:3:3"),
        ("{type: hyperband, max_iter: 27, s: 9}", "halving:1:3"),
    ],
)
def test_early_termination_is_halving(given: str, pruner: str) -> None:
    text = f"program: train.py\nearly_terminate: {given}\nparameters: {{x: {{value: 1}}}}\n"
    assert read(text).request.prune == pruner


def test_a_rule_of_our_own_counts_before_early_termination() -> None:
    text = "program: train.py\nearly_terminate: {type: hyperband, min_iter: 5}\nprune: off\n"
    assert read(f"{text}parameters: {{x: {{value: 1}}}}\n").request.prune == "off"


@pytest.mark.parametrize(
    ("metric", "target"),
    [
        ("{name: val loss, target: 0.1}", "`val loss` <= 0.1"),
        ("{name: acc, goal: maximize, target: 90}", "acc >= 90"),
    ],
)
def test_a_target_of_the_metric_ends_the_search(metric: str, target: str) -> None:
    assert read(f"{HEAD}metric: {metric}\n").request.target == target


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("early_terminate: {type: median}", "expected {type: hyperband, min_iter: 3}"),
        ("early_terminate: hyperband", "expected {type: hyperband, min_iter: 3}"),
        ("early_terminate: {type: hyperband}", "has neither min_iter nor max_iter"),
        ("early_terminate: {type: hyperband, min_iter: 0}", "min_iter is 0: expected a whole"),
        ("early_terminate: {type: hyperband, mim_iter: 3}", "did you mean 'min_iter'?"),
        ("job: a", "job is not supported"),
        ("image_uri: a", "image_uri is not supported"),
        ("scheduler: {engine: optuna}", "scheduler is not supported"),
        ("metrics: [{name: a}, {name: b}]", "metrics is not supported"),
        ("metric: {name: a, target: good}", "metric.target is 'good': expected a number"),
        ("metric: {name: a, impute: best}", "metric.impute is not supported"),
        ("metric: {name: a, impute_while_running: best}", "metric.impute_while_running"),
        ("metric: {name: a, goal: up}", "metric.goal is 'up'"),
        ("metric: {name: a, gaol: minimize}", "metric has an unknown key 'gaol': did you mean"),
        ("metric: val_loss", "metric is 'val_loss'"),
        ("run_caps: 3", "unknown key 'run_caps': did you mean 'run_cap'?"),
        ("max-trails: 3", "unknown key 'max-trails': did you mean 'max_trials'?"),
        ("run_cap: many", "max_trials is 'many': expected a whole number"),
        ("run_cap: 3\nmax_trials: 4", "sets max_trials twice, to 3 and 4"),
        ("3: 4", "has the key 3"),
        ("parameters: [1]", "parameters is [1]"),
        ("parameters: {x: 3}", "x is 3: expected x: {value: 3}"),
        ("parameters: {x: {}}", "x says nothing to try"),
        ("parameters: {x: {min: 1}}", "x has no max"),
        ("parameters: {x: {min: 1, max: 0}}", "x: integers[1:0] is empty"),
        ("parameters: {x: {min: 1, mix: 0}}", "x has an unknown key 'mix'"),
        ("parameters: {x: {values: []}}", "x: values is []"),
        ("parameters: {x: {value: {a: 1}}}", "x: the value of x has an item that is not a value"),
        ("parameters: {x: {min: a, max: 3}}", "x: min is 'a': expected a number"),
        ("parameters: {x: {distribution: unifrom, min: 1, max: 2}}", "did you mean 'uniform'?"),
        ("parameters: {x: {distribution: int_uniform, min: 1.5, max: 2}}", "whole numbers"),
        ("parameters: {x: {distribution: log_uniform, min: 1, max: 999}}", "too large"),
        ("parameters: {x: {parameters: {y: {value: 1}}, value: 2}}", "unknown key 'value'"),
        (
            "parameters: {x: {distribution: q_uniform, min: 1, max: 3, q: 5}}",
            "x: there is no multiple of q=5 from 1 to 3",
        ),
        ("parameters: {x: {distribution: q_uniform, min: 1, max: 3, q: 0}}", "a step is 0"),
        ("parameters: {x: {distribution: normal, sigma: -1}}", "the second above 0"),
        ("parameters: {x: {distribution: beta, a: 0}}", "two finite numbers above 0"),
        ("parameters: {x: {distribution: normal, min: 3}}", "unknown key 'min'"),
        ("parameters: {x: {distribution: uniform, min: 0, max: 1, q: 2}}", "unknown key 'q'"),
        ("parameters: {x: {values: [1, 2], probabilities: [1]}}", "a number for each"),
        ("parameters: {x: {values: [1, 2], probabilities: [0.5, 0.6]}}", "with the sum 1"),
        ("parameters: {x: {values: [1, 2], repeats: no}}", "repeats is False"),
        ("name: [1]", "name is [1]: expected a text"),
        ("minimize: a\nmaximize: b", "both given"),
    ],
)
def test_what_cannot_be_followed_is_refused_by_name(text: str, said: str) -> None:
    with pytest.raises(SpecificationError) as caught:
        read(f"{HEAD}{text}\n")

    assert str(caught.value).startswith("sweep.yaml")
    assert said in str(caught.value)


def test_a_method_that_does_not_exist_is_refused() -> None:
    with pytest.raises(SpecificationError, match="method is 'custom': choose one of grid, random"):
        read("program: train.py\nmethod: custom\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {x: 1}\n", "a batch file, which is given after the script"),
        ("model: {lr: 3}\n", "a sweep has program, method and parameters"),
        ("parameters: 3\n", "a sweep has"),
        ("a: [", "cannot be read"),
        ("program: a.py\nx: {b: 1}\nprogram: b.py\n", "the key program .* twice .* lines 1 and 3"),
    ],
)
def test_a_file_that_is_no_sweep_is_told_from_one(text: str, said: str) -> None:
    with pytest.raises(SpecificationError, match=said):
        read(text)


def test_json_is_read_as_well() -> None:
    text = '{"program": "a.py", "method": "grid", "parameters": {"x": {"values": [1, 2]}}}'

    assert read(text, name="sweep.json").request.optimizer == "grid"


def test_keys_that_change_nothing_are_noted() -> None:
    notes = read(f"{HEAD}project: p\nentity: e\ncontroller: {{type: cloud}}\nkind: sweep\n").notes

    assert [note.split()[1] for note in notes] == ["project", "entity", "controller", "kind"]


def test_exponents_that_look_like_values_are_noted() -> None:
    text = "parameters: {m: {parameters: {lr: {distribution: log_uniform, min: 1e-5, max: 0.1}}}}"

    (note,) = read(f"{HEAD}{text}\n").notes
    assert "m.lr has exponents of e as min and max, which look like values" in note


def test_every_option_may_stand_under_its_own_name() -> None:
    request = read(
        f"{HEAD}max-trials: 7\njobs: 2\ntimeout: 5m\nlink: data\ntags: [a, b]\nminimize: loss\n"
        "optimizer: gp\noptimizer_flags: {random-starts: 5}\nrandom-seed: 3\n"
    ).request

    assert (request.max_trials, request.jobs, request.timeout) == (7, 2, 300.0)
    assert (request.links, request.tags, request.seed) == (("data",), ("a", "b"), 3)
    assert (request.optimizer, request.optimizer_flags) == ("gp", {"random-starts": 5})
    assert str(request.minimize) == "loss"


def test_metrics_may_name_files_as_the_option_does() -> None:
    assert read(f"{HEAD}metrics: [out.json]\n").request.metrics == ("out.json",)


@pytest.mark.parametrize(
    ("command", "script", "python", "arguments"),
    [
        ('["${env}", "${interpreter}", "${program}", "${args}"]', "train.py", None, None),
        ("[python3, '${program}', '${args_no_boolean_flags}']", "train.py", None, None),
        ("[python, -u, other.py, '${args}']", "other.py", None, None),
        ("[python, -m, pkg.train, '${args}']", "pkg.train", None, None),
        (
            "[/opt/python3.11, '${program}', '${args}']",
            "train.py",
            "/opt/python3.11",
            None,
        ),
        (
            "[python, '${program}', '${args}', --out, 'x/${envvar:WHO}', 3]",
            "train.py",
            None,
            ("--out", "x/me", "3"),
        ),
    ],
)
def test_the_command(
    command: str, script: str, python: str | None, arguments: tuple[str, ...] | None
) -> None:
    request = read(f"{HEAD}command: {command}\n", WHO="me").request

    assert (request.script, request.python, request.extra_arguments) == (script, python, arguments)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("[torchrun, '${program}', '${args}']", "torchrun train.py {flags}"),
        ("['${env}', A=3, python, '${program}', '${args}']", "env A=3 python train.py {flags}"),
        ("['${env}', bash, run.sh, '${args}']", "bash run.sh {flags}"),
        (
            "['${interpreter}', -X, dev, '${program}', '${args_json_file}']",
            "python -X dev train.py {config}",
        ),
        ("[python, '${program}', '{lr}', '${args}']", "python train.py {lr} {flags}"),
        ("[python, '${program}', -c, '${args_json_file}']", "python train.py -c {config}"),
        ("[python, '${program}', '${args_json}']", "python train.py {json}"),
    ],
)
def test_a_command_that_does_more_is_run_as_it_is(command: str, words: str) -> None:
    request = read(f"{HEAD}command: {command}\n").request

    assert (request.script, request.command) == (None, tuple(words.split()))


def test_words_before_the_flags_are_a_subcommand() -> None:
    request = read(f"{HEAD}command: [python, '${{program}}', fit, '${{args}}', --x]\n").request

    assert (request.subcommand, request.extra_arguments) == (("fit",), ("--x",))


def test_flags_without_hyphens_have_their_style() -> None:
    request = read(f"{HEAD}command: [python, '${{program}}', '${{args_no_hyphens}}']\n").request

    assert (request.script, request.flag_style) == ("train.py", FlagStyle.BARE)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("python train.py", "command is 'python train.py'"),
        ("[python, '${program}', '${arguments}']", "${arguments} in command is no macro"),
        ("[python, '${program}', '${envvar:NOT_SET}']", "NOT_SET, which is not set"),
        ("[]", "command is empty"),
    ],
)
def test_a_command_that_cannot_be_followed_is_refused(command: str, said: str) -> None:
    with pytest.raises(SpecificationError) as caught:
        read(f"{HEAD}command: {command}\n")

    assert said in str(caught.value)


def test_what_is_typed_comes_before_the_file() -> None:
    lower = read(
        f"{HEAD}minimize: loss\nmax_trials: 3\njobs: 2\nparameters: {{x: {{value: 1}}}}\n"
    ).request
    typed = Assignment(name="x", text="2")
    upper = over(
        SweepRequest(maximize=lower.minimize, max_trials=9, flags=(typed,), optimizer="gp"), lower
    )

    assert (upper.minimize, str(upper.maximize)) == (None, "loss")
    assert (upper.max_trials, upper.jobs, upper.optimizer) == (9, 2, "gp")
    assert upper.flags == (ValueAssignment(name="x", setting=1), typed)
    assert upper.script == "train.py"


def test_a_parameter_may_have_a_condition() -> None:
    found = settings_of(
        "  kernel: {values: [poly, rbf]}\n"
        "  degree: {min: 2, max: 5, if: kernel == 'poly'}\n"
        "  only: {value: 7, if: degree > 3}\n"
    )
    degree, only = found["degree"], found["only"]

    assert isinstance(degree, Distribution)
    assert degree.condition == Condition(text="kernel == 'poly'")
    assert only == Choices(values=(7,), text="[7]", condition=Condition(text="degree > 3"))


def test_a_grid_lists_a_range_with_its_condition() -> None:
    flags = read(
        "program: t.py\nmethod: grid\nparameters: {n: {min: 2, max: 3, if: k = 1}}\n"
    ).request.flags
    assert flags is not None
    assert flags[0] == ValueAssignment(
        name="n",
        setting=Choices(values=(2, 3), text="[2, 3]", condition=Condition(text="k = 1")),
    )


def test_a_condition_is_text() -> None:
    with pytest.raises(SpecificationError, match=r"x\.if is True: expected a condition"):
        setting_of("{values: [1, 2], if: yes}")
