import pytest

from tunesmith.errors import FlagError
from tunesmith.flags.belief import Belief, split_belief
from tunesmith.flags.coerce import read_typed
from tunesmith.flags.definition import FlagDefinition, FlagType
from tunesmith.flags.display import exact_setting, format_setting
from tunesmith.flags.settings import (
    Choices,
    Distribution,
    Setting,
    setting_from_plain,
    setting_to_plain,
)

ANY = FlagDefinition(name="x")


def belief_of(text: str, flag: FlagDefinition = ANY) -> Belief | None:
    setting = read_typed(flag, text)
    assert isinstance(setting, Choices | Distribution)
    return setting.belief


@pytest.mark.parametrize(
    ("text", "value", "width"),
    [
        ("[0.0:1.0]~0.3", 0.3, 0.25),
        ("loguniform[1e-5:1e-1]~1e-3:0.1", 1e-3, 0.1),
        ("[1:64]~8", 8, 0.25),
        ("[sgd,adam]~adam", "adam", 0.25),
        ("[sgd,adam]~adam:0.5", "adam", 0.5),
        ("[16,32,64]~32", 32, 0.25),
        ("[small,medium,large] ordered~medium", "medium", 0.25),
        ("[true,false]~true", True, 0.25),
    ],
)
def test_a_list_or_a_range_may_have_a_belief(text: str, value: object, width: float) -> None:
    assert belief_of(text) == Belief(value=value, width=width)  # type: ignore[arg-type]


def test_a_flag_of_text_takes_the_belief_as_it_is_written() -> None:
    flag = FlagDefinition(name="x", type=FlagType.TEXT)
    assert belief_of("[1.10,1.20]~1.10", flag) == Belief(value="1.10")


@pytest.mark.parametrize("text", ["a~b", "~/data", "data[0]~1", "[1,2", "it's [x]~ fine"])
def test_a_text_with_a_tilde_stays_a_text(text: str) -> None:
    try:
        setting = read_typed(ANY, text)
    except FlagError:
        return  # no list
    assert not isinstance(setting, Choices | Distribution) or setting.belief is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "[0.0:1.0]~2",
            "invalid value for x: .*: 2 is believed in, which is no number from 0.0 to 1.0",
        ),
        ("[0.0:1.0]~fast", "'fast' is believed in, which is no number"),
        ("[sgd,adam]~lion", "'lion' is believed in and not among the values"),
        ("[0.0:1.0]~0.5:2", "a belief is 2.0 of the range wide"),
        ("[0.0:1.0]~0.5:0", "a belief is 0.0 of the range wide"),
    ],
)
def test_a_belief_that_does_not_fit_is_refused(text: str, told: str) -> None:
    with pytest.raises(FlagError, match=told):
        read_typed(ANY, text)


@pytest.mark.parametrize(
    "text", ["[0.0:1.0]~0.3:0.1", "[sgd,adam]~adam", "[sgd,adam]~adam:0.5", "[1:64]~8"]
)
def test_a_belief_is_shown_kept_and_read_again(text: str) -> None:
    setting: Setting = read_typed(ANY, text)
    assert setting_from_plain(setting_to_plain(setting)) == setting
    assert format_setting(setting).replace(", ", ",") == text
    again = read_typed(ANY, exact_setting(setting))
    assert isinstance(again, Choices | Distribution)
    assert isinstance(setting, Choices | Distribution)
    assert again.belief == setting.belief


def test_what_has_no_belief_is_kept_as_before() -> None:
    assert "belief" not in setting_to_plain(read_typed(ANY, "[0.0:1.0]"))
    assert split_belief("[0.0:1.0]") == ("[0.0:1.0]", "", 0.25)
