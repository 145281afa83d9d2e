"""What a flow run is given, and what its errors say; no server is asked."""

from pathlib import Path

import httpx
import pytest

from tests.batches import make_spec
from tunesmith.batch_json import batch_to_plain
from tunesmith.errors import SpecificationError
from tunesmith.flows.batch import context_of, store_folder
from tunesmith.flows.prefect_api import server_lost
from tunesmith.storage.store import Store

SPEC = make_spec("a" * 32)


def test_a_batch_is_found_by_the_home_and_the_id(tmp_path: Path) -> None:
    store = Store.create(tmp_path / ".tunesmith")
    store.put_batch(SPEC)
    context = context_of(str(store.home), SPEC.id, None)
    assert (context.spec, context.store.home) == (SPEC, store.home)


def test_a_flow_run_of_an_earlier_version_brings_its_specification(tmp_path: Path) -> None:
    earlier = {**batch_to_plain(SPEC), "home": str(tmp_path / ".tunesmith")}
    assert context_of(None, "", earlier).spec == SPEC


def test_a_batch_that_never_began_is_not_offered_for_a_restart(tmp_path: Path) -> None:
    store, asked = Store.create(tmp_path / ".tunesmith"), httpx.Request("POST", "http://here/api")
    refused = httpx.HTTPStatusError("", request=asked, response=httpx.Response(413))
    before = str(server_lost(SPEC, store, refused))
    store.put_batch(SPEC)
    after = str(server_lost(SPEC, store, refused))
    assert "413 Request Entity Too Large): nothing has run" in before
    assert "--restart" not in before
    assert after.endswith("go on with tunesmith run --restart aaaaaaaa")


def test_the_store_of_a_flow_run_is_a_parameter() -> None:
    assert store_folder({"id": "a" * 32}, "/project/.tunesmith") == Path("/project/.tunesmith")


def test_the_store_of_an_earlier_flow_run_is_in_its_specification() -> None:
    earlier = {"id": "a" * 32, "home": "/project/.tunesmith"}
    assert store_folder(earlier, None) == Path("/project/.tunesmith")
    assert store_folder(earlier, "/moved/.tunesmith") == Path("/moved/.tunesmith")


def test_a_flow_run_without_a_store_is_refused() -> None:
    with pytest.raises(SpecificationError, match="give it the store's folder"):
        store_folder({"id": "a" * 32}, None)
