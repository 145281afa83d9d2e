"""The Prefect server that the user configured, and what else the user has set for Prefect.

Prefect's client reads its settings itself, and those of a server of the user's own all hold. Here
the sources are read without Prefect, whose import takes a second: the environment, then ``.env``,
``prefect.toml`` and ``pyproject.toml`` of the working directory, then the active profile.
"""

import json
import ssl
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tunesmith.errors import ServerError, UsageError
from tunesmith.loopback import open_url
from tunesmith.server.login_link import authorization

TIMEOUT_S = 10.0
"""How long a server may take to answer."""
REFUSALS = (401, 403)
"""The statuses of HTTP by which a server refuses a login."""
NOT_THERE = (404, 405)
"""Those by which it says that the address is not that of an API."""


def configured_api_url(environ: Mapping[str, str]) -> str | None:
    """Return the server that the user configured for Prefect, or None to use the shared one."""
    return user_settings(environ).get("PREFECT_API_URL") or None


def user_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what the user has set for Prefect, as variables of an environment.

    Raises:
        UsageError: A file of the working directory cannot be read, of which Prefect fails, too.
    """
    own = {name: text for name, text in environ.items() if name.startswith("PREFECT_")}
    tool = _read_toml(Path("pyproject.toml")).get("tool")
    nearer = {
        **_variables(tool.get("prefect") if isinstance(tool, dict) else None),
        **_variables(_read_toml(Path("prefect.toml"))),
        **_read_dotenv(Path(".env")),
        **own,
    }
    return {**_profile(nearer, own), **nearer}


def check_configured(api_url: str, environ: Mapping[str, str]) -> None:
    """Check that a server answers at the configured address, and accepts the login.

    Args:
        api_url: The address.
        environ: The command's environment.

    Raises:
        ServerError: It does not.
    """
    post(api_url, "/flows/filter", {"limit": 1}, user_settings(environ))


def post(api_url: str, path: str, query: Mapping[str, Any], settings: Mapping[str, str]) -> Any:
    """Return what a server answers to a query; None if it is busy.

    Args:
        api_url: The server's API.
        path: What of the API is asked.
        query: The body of the request.
        settings: What is set for Prefect, by which the request logs in.

    Raises:
        UsageError: It is no address.
        ServerError: The server does not answer, or refuses.
    """
    if not api_url.startswith(("http://", "https://")):
        raise UsageError(
            f"PREFECT_API_URL is {api_url!r}: write an address such as http://127.0.0.1:4200/api, "
            "or unset it to use Tunesmith's own server"
        )
    request = urllib.request.Request(
        f"{api_url.rstrip('/')}{path}",
        data=json.dumps(query).encode(),
        headers={"Content-Type": "application/json", **_login(settings)},
    )
    try:
        with open_url(request, timeout_s=TIMEOUT_S, tls=_tls(settings)) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            if error.code in REFUSALS:
                raise ServerError(_refused(api_url, error.code, settings)) from error
            if error.code in NOT_THERE:
                raise ServerError(
                    f"{api_url} is not the address of a Prefect API (it answers {error.code}): "
                    "PREFECT_API_URL is an address such as http://127.0.0.1:4200/api"
                ) from error
        return None
    except (OSError, ValueError) as error:
        raise ServerError(
            f"the Prefect server at {api_url} does not answer: start it, or unset PREFECT_API_URL "
            "to use Tunesmith's own"
        ) from error


def _refused(api_url: str, status: int, settings: Mapping[str, str]) -> str:
    names = ("PREFECT_API_AUTH_STRING", "PREFECT_API_KEY")
    sent = next((name for name in names if settings.get(name)), "")
    why = f"{sent} does not fit" if sent else f"neither {' nor '.join(names)} is set"
    return (
        f"the Prefect server at {api_url} refuses the login ({status}): {why}; set it with "
        "prefect config set, log in with prefect cloud login, or unset PREFECT_API_URL to use "
        "Tunesmith's own server"
    )


def _login(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the headers by which Prefect's client logs in."""
    headers = {}
    if secret := settings.get("PREFECT_API_AUTH_STRING"):
        headers = authorization(secret)
    elif key := settings.get("PREFECT_API_KEY"):
        headers = {"Authorization": f"Bearer {key}"}
    try:
        more = json.loads(settings.get("PREFECT_CLIENT_CUSTOM_HEADERS") or "{}")
    except ValueError:
        more = None
    return {**(more if isinstance(more, dict) else {}), **headers}


def _tls(settings: Mapping[str, str]) -> ssl.SSLContext | None:
    """Return how the server's certificate is checked; None for the usual way."""
    if settings.get("PREFECT_API_TLS_INSECURE_SKIP_VERIFY", "").lower() in ("1", "true", "yes"):
        return ssl._create_unverified_context()
    known = settings.get("PREFECT_API_SSL_CERT_FILE")
    return ssl.create_default_context(cafile=known) if known and Path(known).is_file() else None


def _profile(nearer: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """Return what the active profile sets.

    Args:
        nearer: What wins over the profile.
        own: What of that is in the environment.
    """
    home = Path(own.get("PREFECT_HOME") or Path.home() / ".prefect")
    path = Path(nearer.get("PREFECT_PROFILES_PATH") or home / "profiles.toml")
    try:
        found = _read_toml(path)
    except UsageError:
        return {}  # Prefect goes on without it, too
    profiles, active = found.get("profiles"), own.get("PREFECT_PROFILE") or found.get("active")
    profile = profiles.get(active) if isinstance(profiles, dict) else None
    if not isinstance(profile, dict):
        return {}
    return {str(name): _text(value) for name, value in profile.items()}


def _variables(table: Any, prefix: str = "PREFECT") -> dict[str, str]:
    """Return the entries of a table of settings as variables: ``api.url`` is PREFECT_API_URL."""

    def walk(inner: Mapping[str, Any], name: str) -> Iterator[tuple[str, str]]:
        for key, value in inner.items():
            whole = f"{name}_{key}".upper()
            yield whole, _text(value)  # a table may be the value of a setting
            if isinstance(value, dict):
                yield from walk(value, whole)

    return dict(walk(table, prefix)) if isinstance(table, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _read_dotenv(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    from dotenv import dotenv_values  # seldom needed

    found = {name.upper(): text for name, text in dotenv_values(path).items() if text is not None}
    return {name: text for name, text in found.items() if name.startswith("PREFECT_")}


def _read_toml(path: Path) -> dict[str, Any]:
    """Return a file's tables; without the file none.

    Raises:
        UsageError: It is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        return {}
    except ValueError as error:
        raise UsageError(
            f"{path}, of which Prefect reads settings, is not TOML: {error}"
        ) from error
