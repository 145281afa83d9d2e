import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.loopback import gather, judge

OWN = "http://127.0.0.1:4321"


def status(**headers: str) -> int | None:
    refusal = judge({name.replace("_", "-"): value for name, value in headers.items()})
    return None if refusal is None else refusal.status


@pytest.mark.parametrize("host", ["127.0.0.1:4321", "localhost:4321", "LOCALHOST:1", "[::1]:4321"])
def test_a_program_of_this_machine_is_answered(host: str) -> None:
    assert status(host=host) is None


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "evil.example:4321",
        "127.0.0.1.evil.example:4321",
        "localhost.evil.example",
        "localhost.:4321",
        "evil.example@127.0.0.1:4321",
        "127.0.0.1:4321, evil.example",
        "127.0.0.2:4321",
        "0.0.0.0:4321",
        "127.0.0.1:",
        "127.0.0.1:4321\n",
    ],
)
def test_whoever_asks_for_another_name_is_refused(host: str) -> None:
    assert status(host=host) == 421


@given(st.text(alphabet=st.characters(codec="latin-1")))
def test_no_other_name_is_answered(host: str) -> None:
    name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    if name.lower() not in ("127.0.0.1", "localhost", "[::1]"):
        assert status(host=host) == 421


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "http://evil.example",
        "http://127.0.0.1:9999",
        "http://localhost:4321",
        "https://127.0.0.1:4321",
        "http://127.0.0.1:4321.evil.example",
        "file://",
        "",
    ],
)
def test_a_page_of_another_origin_is_refused(origin: str) -> None:
    assert status(host="127.0.0.1:4321", origin=origin) == 403


def test_the_servers_own_page_is_answered() -> None:
    assert status(host="127.0.0.1:4321", origin=OWN, sec_fetch_site="same-origin") is None


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("mode", ["no-cors", "cors", "websocket", "navigate"])
def test_what_another_page_loads_without_an_origin_is_refused(site: str, mode: str) -> None:
    told = {"sec_fetch_site": site, "sec_fetch_mode": mode, "sec_fetch_dest": "iframe"}
    assert status(host="127.0.0.1:4321", **told) == 403


def test_a_link_on_another_page_may_lead_here() -> None:
    told = {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"}
    assert status(host="127.0.0.1:4321", sec_fetch_dest="document", **told) is None


def test_a_header_that_comes_twice_has_both_values() -> None:
    raw = [(b"Host", b"127.0.0.1:1"), (b"host", b"evil.example"), (b"Accept", b"*/*")]
    assert gather(raw) == {"host": "127.0.0.1:1, evil.example", "accept": "*/*"}
