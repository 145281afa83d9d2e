import pytest

from tunesmith.server.client_environment import client_environment
from tunesmith.server.server_directory import ServerDirectory


@pytest.mark.parametrize(
    ("api_url", "retries", "seconds"),
    [
        ("http://127.0.0.1:4200/api", "1", "300"),
        ("http://localhost:4200/api", "1", "300"),
        ("http://[::1]:4200/api", "1", "300"),
        ("https://prefect.example.org/api", None, None),
    ],
)
def test_a_server_behind_a_network_is_asked_as_often_as_the_user_set(
    directory: ServerDirectory, api_url: str, retries: str | None, seconds: str | None
) -> None:
    environment = client_environment(api_url, directory, {"PREFECT_API_URL": api_url})
    assert environment.get("PREFECT_CLIENT_MAX_RETRIES") == retries
    assert environment.get("PREFECT_API_REQUEST_TIMEOUT") == seconds


@pytest.mark.parametrize(
    ("environ", "names"),
    [
        ({}, "127.0.0.1,localhost,::1"),
        ({"no_proxy": "example.org, localhost"}, "example.org,localhost,127.0.0.1,::1"),
        ({"NO_PROXY": "example.org"}, "example.org,127.0.0.1,localhost,::1"),
        ({"no_proxy": "*"}, "*"),
    ],
)
def test_clients_ask_a_server_of_this_machine_past_every_proxy(
    directory: ServerDirectory, environ: dict[str, str], names: str
) -> None:
    found = client_environment("http://127.0.0.1:4200/api", directory, environ)
    assert found["no_proxy"] == found["NO_PROXY"] == names
    again = client_environment("http://127.0.0.1:4200/api", directory, found)
    assert again["no_proxy"] == names
    assert "no_proxy" not in client_environment("https://prefect.example/api", directory, environ)
