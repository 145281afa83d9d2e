import pytest

from tunesmith.flags.values import FlagValue
from tunesmith.tensorboard.hparams import HParam, hparam_types, to_hparams
from tunesmith.trial import Run, TrialStatus


def _run(**flags: FlagValue) -> Run:
    return Run(
        id="a1" * 16,
        batch="a1" * 16,
        number=0,
        operation="train.py",
        script="train.py",
        status=TrialStatus.COMPLETED,
        source_digest="0123456789abcdef",
        flags=flags,
    )


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ((True, False), (True, False)),
        ((1, 2.5), (1.0, 2.5)),
        ((1, True), ("1", "yes")),
        ((1.0, "auto"), ("1.0", "auto")),
        ((2**60 + 1, 3), (str(2**60 + 1), "3")),
        (((1, 2), (3,)), ("[1, 2]", "[3]")),
        ((None, 0.5), (None, 0.5)),
        ((float("inf"), 1.0), ("inf", "1.0")),
    ],
    ids=str,
)
def test_a_flag_has_one_type_in_all_runs(
    values: tuple[FlagValue, ...], shown: tuple[HParam | None, ...]
) -> None:
    runs = [_run(x=value) for value in values]

    types = hparam_types(runs)

    found = [to_hparams(run, types).get("x") for run in runs]
    assert [(type(one), one) for one in found] == [(type(one), one) for one in shown]


def test_a_later_value_of_another_type_is_left_out() -> None:
    types = hparam_types([_run(x=1.0)])

    assert "x" not in to_hparams(_run(x="auto"), types)


def test_the_source_code_is_a_column_unless_a_flag_has_its_name() -> None:
    runs = [_run(x=1), _run(x=2, sourcecode="mine")]

    types = hparam_types(runs)

    assert to_hparams(runs[0], types)["sourcecode"] == "01234567"
    assert to_hparams(runs[1], types)["sourcecode"] == "mine"


def test_a_flag_that_is_not_active_in_a_run_is_none_of_its_columns() -> None:
    runs = [_run(kernel="poly", degree=3), _run(kernel="linear")]

    types = hparam_types(runs)

    assert to_hparams(runs[0], types)["degree"] == 3.0
    assert "degree" not in to_hparams(runs[1], types)
