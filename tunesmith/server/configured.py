"""The Prefect server that the user configured, by the environment or a Prefect profile."""

import tomllib
import urllib.error
from collections.abc import Mapping
from pathlib import Path

from tunesmith.errors import ServerError
from tunesmith.loopback import open_url

_SCALARS = (str, int, float)


def configured_api_url(environ: Mapping[str, str]) -> str | None:
    """Return the server that the user configured for Prefect, or None to use the shared one."""
    return environ.get("PREFECT_API_URL") or profile_settings(environ).get("PREFECT_API_URL")


def profile_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what the user's profile of Prefect sets, as variables of an environment."""
    home = Path(environ.get("PREFECT_HOME") or Path.home() / ".prefect")
    profiles = _read_toml(Path(environ.get("PREFECT_PROFILES_PATH") or home / "profiles.toml"))
    name = environ.get("PREFECT_PROFILE") or profiles.get("active")
    known = profiles.get("profiles")
    profile = known.get(name) if isinstance(known, dict) else None
    found = profile.items() if isinstance(profile, dict) else ()
    return {str(name): str(value) for name, value in found if isinstance(value, _SCALARS)}


def check_configured(api_url: str, *, timeout_s: float = 10.0) -> None:
    """Check that a server answers at the configured address.

    Raises:
        ServerError: None does.
    """
    try:
        with open_url(f"{api_url}/health", timeout_s=timeout_s):
            return
    except urllib.error.HTTPError:
        return  # it answers; whether it accepts us, Prefect's client will see
    except (OSError, ValueError) as error:
        raise ServerError(
            f"the Prefect server at {api_url} does not answer: start it, or unset PREFECT_API_URL "
            "to use Tunesmith's own"
        ) from error


def _read_toml(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text())
    except (OSError, ValueError):
        return {}
