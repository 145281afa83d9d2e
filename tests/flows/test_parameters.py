from pathlib import Path

import pytest

from tunesmith.errors import SpecificationError
from tunesmith.flows.batch import store_folder


def test_the_store_of_a_flow_run_is_a_parameter() -> None:
    assert store_folder({"id": "a" * 32}, "/project/.tunesmith") == Path("/project/.tunesmith")


def test_the_store_of_an_earlier_flow_run_is_in_its_specification() -> None:
    earlier = {"id": "a" * 32, "home": "/project/.tunesmith"}
    assert store_folder(earlier, None) == Path("/project/.tunesmith")
    assert store_folder(earlier, "/moved/.tunesmith") == Path("/moved/.tunesmith")


def test_a_flow_run_without_a_store_is_refused() -> None:
    with pytest.raises(SpecificationError, match="give it the store's folder"):
        store_folder({"id": "a" * 32}, None)
