from pathlib import Path

import pytest

import tunesmith
from tunesmith.errors import FlagError, SpecificationError


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "train.py").write_text("x = 1.0\noptimiser = 'sgd'\nprint('loss:', x)\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("keyword", "option"),
    [("optimzer", "optimizer"), ("max_trial", "max_trials"), ("timeOut", "timeout")],
)
def test_an_option_with_a_typing_error_is_named(project: Path, keyword: str, option: str) -> None:
    with pytest.raises(SpecificationError, match=rf"{keyword}.* did you mean '{option}'\?"):
        tunesmith.run("train.py", x=[1, 2], **{keyword: "gp"})  # type: ignore[arg-type]  # any keyword


def test_a_keyword_that_is_near_no_option_is_a_flag(project: Path) -> None:
    with pytest.raises(FlagError, match=r"train\.py has no flag 'xx'"):
        tunesmith.run("train.py", xx=1)


def test_a_flag_that_is_near_an_option_stays_a_flag(project: Path) -> None:
    with pytest.raises(FlagError, match="invalid value"):  # it was taken for the flag that it is
        tunesmith.run("train.py", optimiser=(1, 2), jobs=0)
