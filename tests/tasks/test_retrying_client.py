import httpx
import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from tunesmith.tasks.retrying_client import retrying_client


@pytest.mark.parametrize(
    ("url", "proxies", "is_retrying"),
    [
        ("http://127.0.0.1:4200/api", {}, True),
        ("https://prefect.example.org/api", {}, False),
        ("http://prefect.example.org/api", {"http_proxy": "http://proxy.example.org"}, False),
        (
            "http://prefect.example.org/api",
            {"http_proxy": "http://proxy.example.org", "no_proxy": "example.org"},
            True,
        ),
        ("http://127.0.0.1:4200/api", {"http_proxy": "http://proxy.example.org"}, True),
    ],
    ids=["here", "TLS", "behind a proxy", "not by the proxy", "here, with a proxy"],
)
def test_a_client_is_retrying_where_it_would_not_go_round_a_proxy(
    url: str, proxies: dict[str, str], is_retrying: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in proxies.items():
        monkeypatch.setenv(name, value)

    with temporary_settings({PREFECT_API_URL: url}), retrying_client() as client:
        transport = client._client._transport_for_url(httpx.URL(url))

    assert (type(transport) is not httpx.HTTPTransport) == is_retrying
