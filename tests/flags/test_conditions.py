"""Conditions of flags: where they are read, what they name, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.flags.conftest import OPTIONS, TRAIN, settings
from tunesmith.errors import FlagError
from tunesmith.flags.activity import active_flags, conditions_of, with_conditions
from tunesmith.flags.batch_files import read_rows
from tunesmith.flags.conditions.condition import Condition
from tunesmith.flags.conditions.typed import split_condition
from tunesmith.flags.definition import FlagDefinition, FlagSource, ScriptFlags
from tunesmith.flags.display import exact_setting, format_setting, preview_lines
from tunesmith.flags.settings import (
    Choices,
    Distribution,
    Setting,
    setting_from_plain,
    setting_to_plain,
)
from tunesmith.flags.values import Flags


def bound(*arguments: str, flags: ScriptFlags = TRAIN) -> dict[str, Setting]:
    given = settings(*arguments, flags=flags)
    return with_conditions({**flags.defaults, **given}, flags)


@pytest.mark.parametrize(
    ("text", "several", "condition"),
    [
        ("[2:5] if kernel == 'poly'", "[2:5]", "kernel == 'poly'"),
        ("[a, b]   if  x", "[a, b]", "x"),
        ("[a,b]*2 if x", "[a,b]*2", "x"),
        ("[a,b,c] ordered if x = 1", "[a,b,c] ordered", "x = 1"),
        ("[a,b,c] unordered if x = 1", "[a,b,c] unordered", "x = 1"),
        ("loguniform[1e-3:1] if x", "loguniform[1e-3:1]", "x"),
        ("[[64],[64,64]] if n > 2", "[[64],[64,64]]", "n > 2"),
        ("['a] if b', c] if x", "['a] if b', c]", "x"),
        ("[it's,he's] if x", "[it's,he's]", "x"),
        ("[1,2] if a in [1] if b", "[1,2]", "a in [1] if b"),
    ],
)
def test_a_condition_follows_a_closed_list_or_range(
    text: str, several: str, condition: str
) -> None:
    assert split_condition(text) == (several, condition)


@pytest.mark.parametrize(
    "text",
    [
        "do it if you can",
        "[open if you can",
        "['a] if b', c]",
        "[a if b]",
        "1,2 if x",
        "2:5 if x",
        "[2:5]if x",
        "[2:5] iff x",
        "[2:5]",
        "",
    ],
)
def test_elsewhere_the_word_is_text(text: str) -> None:
    assert split_condition(text) == (text, None)


@given(st.text())
def test_any_text_is_split_or_left_whole(text: str) -> None:
    several, condition = split_condition(text)
    assert several == text if condition is None else text.startswith(several)


def test_several_values_get_their_condition() -> None:
    found = bound("n=[2:5] if name == poly", "x=[0.1,0.2] if n > 2")

    assert isinstance(found["n"], Distribution)
    assert isinstance(found["x"], Choices)
    assert (found["n"].condition, found["x"].condition) == (
        Condition(text="name == poly", named=(("name", "name"),)),
        Condition(text="n > 2", named=(("n", "n"),)),
    )
    assert list(conditions_of(found)) == ["n", "x"]


def test_a_text_that_is_no_list_keeps_its_words() -> None:
    assert settings("name=data[0] if you can") == {"name": "data[0] if you can"}
    assert settings("name=[a,b] if n = 1", literal=("name",)) == {"name": "[a,b] if n = 1"}


def test_a_cell_of_a_batch_file_has_no_condition() -> None:
    with pytest.raises(FlagError):
        read_rows('n\n"[2:5] if x = 1"\n', name="t.csv", script_flags=TRAIN)


def test_an_underscore_or_another_name_means_the_same_flag() -> None:
    flags = ScriptFlags(
        source=FlagSource.ARGPARSE,
        definitions=(
            FlagDefinition(name="batch-size", default=8, option="--batch-size", aliases=("b",)),
            FlagDefinition(name="lr", default=0.1, option="--lr"),
        ),
    )
    for word in ("batch_size", "batch-size", "b"):
        found = bound(f"lr=[0.1,0.2] if {word} > 4", flags=flags)["lr"]
        assert isinstance(found, Choices)
        assert found.condition is not None
        assert found.condition.holds({"batch-size": 8})
        assert not found.condition.holds({"batch-size": 2})


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["n=[2:5] if nam == a"], "n if nam == a: .*no flag 'nam'.*did you mean 'name'"),
        (["n=[2:5] if name ="], "n if name =: unexpected the end"),
        (["n=[2:5] if "], "expected the name of a flag"),
        (["n=[2:5] if n > 2"], "n depends on n: "),
        (["n=[2:5] if x > 2", "x=[1,2] if n > 2"], "n depends on x depends on n"),
        (["n=3 if name == a"], "invalid value '3 if name == a' for n.*n=\\[3\\] if name == a"),
        (["n=2:5 if name == a"], "n=\\[2:5\\] if name == a"),
    ],
)
def test_what_is_no_condition_gets_one_clear_line(arguments: list[str], words: str) -> None:
    with pytest.raises(FlagError, match=words) as caught:
        bound(*arguments)
    assert "\n" not in str(caught.value)


def test_a_positional_argument_has_no_condition() -> None:
    flags = ScriptFlags(
        source=FlagSource.ARGPARSE,
        definitions=(
            FlagDefinition(name="kind", default="a", position=1),
            FlagDefinition(name="n", default=1, option="--n"),
        ),
    )
    with pytest.raises(FlagError, match="kind stands at a place of its own"):
        bound("kind=[a,b] if n == 1", flags=flags)


@pytest.mark.parametrize(
    ("flags", "names"),
    [
        ({"name": "poly", "n": 3, "x": 1}, {"name", "n", "x"}),
        ({"name": "poly", "n": 2, "x": 1}, {"name", "n"}),
        ({"name": "rbf", "n": 3, "x": 1}, {"name"}),
    ],
)
def test_a_flag_is_active_only_with_those_that_it_depends_on(
    flags: Flags, names: set[str]
) -> None:
    found = bound("n=[2:5] if name == poly", "x=[0.1,0.2] if n > 2")

    assert active_flags(flags, conditions_of(found)).keys() == names


@pytest.mark.parametrize("argument", ["n=[2:5] if name == 'a b'", "x=[1,2] ordered if n in [1]"])
def test_a_condition_is_stored_and_shown(argument: str) -> None:
    found = bound(argument)
    name = argument[0]

    assert setting_from_plain(setting_to_plain(found[name])) == found[name]
    condition = argument.partition(" if ")[2]
    assert format_setting(found[name]).endswith(f" if {condition}")
    assert exact_setting(found[name]).endswith(f" if {condition}")
    assert any(line.endswith(f" if {condition}") for line in preview_lines(found))


def test_settings_without_a_condition_are_stored_as_before() -> None:
    assert "if" not in setting_to_plain(settings("n=[2:5]")["n"])
    assert "if" not in setting_to_plain(settings("n=[2,5]")["n"])


def test_what_a_condition_compares_is_read_by_the_language_of_filters() -> None:
    found = bound("lr=[0.1,0.2] if kind in [a, b] and not (shuffle = yes)", flags=OPTIONS)["lr"]

    assert isinstance(found, Choices)
    assert found.condition is not None
    assert found.condition.holds({"kind": "a", "shuffle": False})
    assert not found.condition.holds({"kind": "a", "shuffle": True})
    assert not found.condition.holds({"shuffle": False})
