"""The environment with which Prefect is imported, and so which server its client talks to."""

from collections.abc import Mapping

from tunesmith.loopback import LOOPBACK, is_here
from tunesmith.server.configured import configured_api_url, profile_settings
from tunesmith.server.secret import read_own
from tunesmith.server.shared_server import ServerDirectory, read_state

SECRET_VARIABLE = "PREFECT_API_AUTH_STRING"
"""By which Prefect's clients are told what their server asks for."""
_QUIET = {
    # a failing trial is data; Prefect would log it with a traceback of ours
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_INTERNAL_LOGGING_LEVEL": "CRITICAL",  # a lost server is told in a line of ours
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
}


def client_environment(
    api_url: str, directory: ServerDirectory, environ: Mapping[str, str]
) -> dict[str, str]:
    """Return the variables with which Prefect is to be imported: quiet, and no calls home.

    A server of this machine answers, or it is gone: it is asked twice only, so that a command
    whose server is lost ends soon. One that is reached through a network is asked as often as
    Prefect's own settings say. The shared server is told its secret; to one that the user has
    configured goes what their environment and their profile say, such as another secret.

    Args:
        api_url: The server that is used.
        directory: Where the shared server keeps its files.
        environ: The command's own environment.
    """
    is_theirs = configured_api_url(environ) == api_url
    profile = profile_settings(environ) if is_theirs else {}
    return {
        **{name: text for name, text in profile.items() if name not in environ},
        "PREFECT_API_URL": api_url,
        "PREFECT_HOME": str(directory.prefect_home),  # theirs holds the profile, which is read
        **_QUIET,
        **(
            {"PREFECT_CLIENT_MAX_RETRIES": "1", **_past_proxy(environ)} if is_here(api_url) else {}
        ),
        **_secret_of(api_url, directory),
    }


def _past_proxy(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return what keeps a proxy from being told of a server of this machine, and its secret."""
    known = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    names = [name.strip() for name in known.split(",") if name.strip()]
    text = known if names == ["*"] else ",".join(dict.fromkeys((*names, *LOOPBACK)))
    return {"no_proxy": text, "NO_PROXY": text}


def trial_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what trials inherit of a deployment's process: as from a command, no shared server.

    A trial that asks for its address and secret by their variables might print or report them.
    """
    directory = ServerDirectory.from_environment(environ)
    is_shared = bool(_secret_of(environ.get("PREFECT_API_URL", ""), directory))
    hidden = ("PREFECT_API_URL", SECRET_VARIABLE) if is_shared else ()
    return {name: text for name, text in environ.items() if name not in hidden}


def _secret_of(api_url: str, directory: ServerDirectory) -> Mapping[str, str]:
    state, secret = read_state(directory), read_own(directory.secret)
    is_shared = state is not None and state.api_url == api_url
    return {SECRET_VARIABLE: secret} if is_shared and secret else {}
