"""Each option can be set by any of its names, and positional arguments by theirs."""

import pytest

from tests.script.asking.conftest import FindFlags
from tunesmith.flags.assignments import find_flag
from tunesmith.flags.definition import FlagDefinition, ScriptFlags

PARSER = """\
import argparse
p = argparse.ArgumentParser()
p.add_argument("data", help="a folder")
p.add_argument("size", type=int, nargs="?", default={two})
p.add_argument("-b", "--batch-size", type=int, default=32)
p.add_argument("--wd", "--weight-decay", type=float, default=1e-4, dest="decay")
p.add_argument("-n", type=int, default=3)
p.add_argument("-lr", type=float, default=0.1)
p.add_argument("--adam", dest="kind", action="store_const", const="adam")
p.add_argument("--sgd", dest="kind", action="store_const", const="sgd")
p.add_argument("--no-cache", action="store_false", dest="cache")
p.add_argument("-q", "--quick", action=argparse.BooleanOptionalAction, default=True)
p.parse_args()
"""
EITHER_WAY = pytest.mark.parametrize("two", ["2", "1 + 1"], ids=["read", "asked"])


def flag(found: ScriptFlags, name: str) -> FlagDefinition:
    one = find_flag(found, name)
    assert one is not None, name
    return one


@EITHER_WAY
def test_an_option_has_the_names_of_all_its_spellings(find: FindFlags, two: str) -> None:
    found = find(PARSER.format(two=two))
    for names in (
        ("batch-size", "b", "batch_size"),
        ("wd", "weight-decay", "weight_decay", "decay"),
        ("n",),
        ("lr",),
        ("quick", "q"),
    ):
        assert {flag(found, name).name for name in names} == {names[0]}
    assert find_flag(found, "no-quick") is None


@EITHER_WAY
def test_a_destination_of_several_options_is_no_name(find: FindFlags, two: str) -> None:
    found = find(PARSER.format(two=two))
    assert find_flag(found, "kind") is None
    assert flag(found, "sgd").switch_on == "--sgd"


@EITHER_WAY
def test_what_an_option_sets_to_false_is_a_flag_of_its_own(find: FindFlags, two: str) -> None:
    found = find(PARSER.format(two=two))
    cache, no_cache = flag(found, "cache"), flag(found, "no-cache")
    assert (cache.default, cache.switch_on, cache.switch_off) == (True, "", "--no-cache")
    assert (no_cache.default, no_cache.switch_on) == (False, "--no-cache")
    assert "cache" not in found.names


@EITHER_WAY
def test_positional_arguments_are_flags(find: FindFlags, two: str) -> None:
    found = find(PARSER.format(two=two))
    data, size = flag(found, "data"), flag(found, "size")
    assert (data.position, data.is_required, data.help) == (1, True, "a folder")
    assert (size.position, size.is_required, size.default) == (2, False, 2)


@EITHER_WAY
def test_a_short_option_is_a_flag(find: FindFlags, two: str) -> None:
    found = find(PARSER.format(two=two))
    assert (flag(found, "n").option, flag(found, "lr").option) == ("-n", "-lr")


def test_it_is_said_how_the_flags_were_found(find: FindFlags) -> None:
    assert find(PARSER.format(two="2")).found_by.startswith("in the text")
    assert find(PARSER.format(two="1 + 1")).found_by.startswith("by asking a copy")
