from pathlib import Path

import pytest

from tunesmith.server.configured import configured_api_url

pytestmark = pytest.mark.xdist_group("server")


def test_an_api_url_in_the_environment_wins(tmp_path: Path) -> None:
    environ = {"PREFECT_API_URL": "http://127.0.0.1:1/api", "PREFECT_HOME": str(tmp_path)}
    assert configured_api_url(environ) == "http://127.0.0.1:1/api"


@pytest.mark.parametrize(
    ("profile", "url"),
    [
        pytest.param("", "http://one/api", id="the active profile"),
        pytest.param("two", "http://two/api", id="the profile of the environment"),
        pytest.param("empty", None, id="a profile without an address"),
        pytest.param("missing", None, id="a profile that is not there"),
    ],
)
def test_a_configured_profile_names_the_server(
    tmp_path: Path, profile: str, url: str | None
) -> None:
    (tmp_path / "profiles.toml").write_text(
        'active = "one"\n'
        '[profiles.one]\nPREFECT_API_URL = "http://one/api"\n'
        '[profiles.two]\nPREFECT_API_URL = "http://two/api"\n'
        "[profiles.empty]\n"
    )
    environ = {"PREFECT_HOME": str(tmp_path)} | ({"PREFECT_PROFILE": profile} if profile else {})
    assert configured_api_url(environ) == url


@pytest.mark.parametrize("text", [None, "active = ", "\x00"], ids=["none", "torn", "binary"])
def test_without_a_readable_profile_the_shared_server_is_used(
    tmp_path: Path, text: str | None
) -> None:
    if text is not None:
        (tmp_path / "profiles.toml").write_text(text)
    assert configured_api_url({"PREFECT_HOME": str(tmp_path)}) is None
