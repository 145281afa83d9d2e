import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Project, variables
from tests.server.conftest import closed_port
from tunesmith.errors import UsageError
from tunesmith.server.client_environment import client_environment
from tunesmith.server.configured import configured_api_url, post, user_settings
from tunesmith.server.server_directory import ServerDirectory, ServerState


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, which is empty, and whose folder ``home`` is Prefect's."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


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


SOURCES = {
    "profiles.toml": 'active = "p"\n[profiles.p]\nPREFECT_API_URL = "http://profile/api"\n'
    'PREFECT_API_KEY = "profile"\nPREFECT_API_AUTH_STRING = "profile"\n'
    'PREFECT_CLIENT_CUSTOM_HEADERS = "{}"\nPREFECT_UI_URL = "http://profile"\n',
    "pyproject.toml": '[tool.prefect]\napi.url = "http://pyproject/api"\napi.key = "pyproject"\n'
    'api.auth_string = "pyproject"\nclient.custom_headers = {"X-Team" = "a"}\n',
    "prefect.toml": '[api]\nurl = "http://toml/api"\nkey = "toml"\nauth_string = "toml"\n',
    ".env": "PREFECT_API_URL=http://env-file/api\nprefect_api_key=env-file\nOTHER=1\n",
}
READ = """
from prefect.settings import get_current_settings
settings = get_current_settings()
print(settings.api.url, settings.api.key.get_secret_value(),
      settings.api.auth_string.get_secret_value(), settings.ui_url)
"""


@pytest.mark.parametrize("n", range(1, len(SOURCES) + 1), ids=list(SOURCES))
def test_settings_are_read_where_and_in_the_order_that_prefect_reads_them(
    project: Project, monkeypatch: pytest.MonkeyPatch, n: int
) -> None:
    for name, text in list(SOURCES.items())[:n]:
        project.write(name, text)
    environ = {**project.environment, "PREFECT_HOME": str(project.path)}
    monkeypatch.chdir(project.path)

    told = subprocess.run(
        [sys.executable, "-c", READ],
        cwd=project.path,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    found = user_settings(environ)
    names = ("PREFECT_API_URL", "PREFECT_API_KEY", "PREFECT_API_AUTH_STRING", "PREFECT_UI_URL")
    assert [found[name] for name in names] == told
    assert found["PREFECT_CLIENT_CUSTOM_HEADERS"] == ("{}" if n == 1 else '{"X-Team": "a"}')
    assert "OTHER" not in found


def test_a_file_of_settings_that_prefect_cannot_read_is_named(folder: Path) -> None:
    (folder / "prefect.toml").write_text("[api\n")
    with pytest.raises(UsageError, match=r"^prefect.toml, of which Prefect reads"):
        configured_api_url({"PREFECT_HOME": str(folder)})


def test_what_the_user_has_set_for_prefect_is_kept(folder: Path) -> None:
    directory = ServerDirectory(path=folder / "shared")
    own = {
        "PREFECT_API_URL": "http://127.0.0.1:4200/api",
        "PREFECT_HOME": "/home/me/.prefect",
        "PREFECT_LOGGING_LEVEL": "DEBUG",
        "PREFECT_CLIENT_MAX_RETRIES": "7",
    }

    found = client_environment(own["PREFECT_API_URL"], directory, own)

    assert own.items() <= (own | found).items()
    assert "PREFECT_HOME" not in found
    shared = client_environment("http://127.0.0.1:1/api", directory, own)
    assert shared["PREFECT_HOME"] == str(directory.prefect_home)


@pytest.mark.server
def test_a_setting_that_prefect_cannot_read_is_named(served_project: Project) -> None:
    bad = {"PREFECT_API_REQUEST_TIMEOUT": "soon"}
    for words in (["run", "quick.py", "x=[1,2]", "-yq"], ["deploy", "list"]):
        done = served_project.run(*words, **bad)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert "cannot be read: request_timeout is 'soon': " in done.stderr


class TestAServerWithALogin:
    """A server of the user's own that asks for an auth string, which the profile has."""

    pytestmark = pytest.mark.server

    @pytest.fixture
    def profiled(self, project: Project, prefect_server: ServerState) -> Project:
        """A project of a user whose profile names the session's server and its secret."""
        write_profile(project, **variables(prefect_server))
        return project

    def test_a_profile_with_a_login_is_enough(self, profiled: Project) -> None:
        program = profiled.write(
            "program.py",
            "import tunesmith\nprint(len(tunesmith.run('quick.py', x=[1, 2]).trials))\n",
        )
        run = profiled.run("run", "quick.py", "x=[1,2]", "-yq")
        deploy = profiled.run("deploy", "quick.py", "x=[1,2]", "--name", "of-a-profile")
        status = profiled.run("server", "status")
        told = subprocess.run(
            [sys.executable, str(program)],
            cwd=profiled.path,
            env=dict(profiled.environment),
            capture_output=True,
            text=True,
            check=False,
        )

        assert (run.returncode, run.stderr) == (0, "")
        assert (deploy.returncode, deploy.stdout) == (0, "sweep/of-a-profile\n")
        assert status.returncode == 0
        assert told.stdout.endswith("2\n"), told.stderr

    @pytest.mark.parametrize(
        "command",
        [
            ["run", "quick.py", "x=[1,2]", "-y"],
            ["deploy", "quick.py", "x=[1,2]"],
            ["deploy", "list"],
            ["serve"],
        ],
        ids=" ".join,
    )
    @pytest.mark.parametrize("secret", ["", "another"], ids=["no login", "a wrong one"])
    def test_a_refused_login_is_named_before_anything_runs(
        self, profiled: Project, command: list[str], secret: str
    ) -> None:
        done = profiled.run(*command, PREFECT_API_AUTH_STRING=secret)

        (line,) = (line for line in done.stderr.splitlines() if line.startswith("error"))
        assert "refuses the login (401)" in line
        assert ("PREFECT_API_AUTH_STRING does not fit" in line) == bool(secret)
        assert "--restart" not in line
        assert done.returncode == 1
        assert profiled.succeed("runs", "--json").strip() == "[]"


def write_profile(project: Project, **settings: str) -> None:
    lines = [f'{name} = "{text}"' for name, text in settings.items()]
    text = "\n".join(['active = "own"', "[profiles.own]", *lines])
    path = Path(project.environment["HOME"], ".prefect", "profiles.toml")
    path.parent.mkdir()
    path.write_text(text)


@pytest.mark.parametrize("path", ["", "/nowhere"])
def test_an_address_that_is_no_api_is_named(project: Project, path: str) -> None:
    done = project.run("deploy", "list", PREFECT_API_URL=f"http://127.0.0.1:{closed_port()}{path}")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "does not answer" in done.stderr


@pytest.mark.parametrize("typed", ["nonsense", "127.0.0.1:4200/api", "file:///etc/passwd"])
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(UsageError, match="write an address such as http://"):
        post(typed, "/flows/filter", {}, {})
