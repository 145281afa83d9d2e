"""The environment in which Prefect is imported; it decides which server its clients use."""

from collections.abc import Mapping

from tunesmith.loopback import LOOPBACK, is_here
from tunesmith.server.configured import user_settings
from tunesmith.server.secret import read_own
from tunesmith.server.server_directory import ServerDirectory, read_state

SECRET_VARIABLE = "PREFECT_API_AUTH_STRING"
"""The variable that gives Prefect's clients the server's secret."""
_PATIENT = {
    # a server of this machine that is gone refuses the connection; one that is late is busy
    "PREFECT_CLIENT_MAX_RETRIES": "1",
    "PREFECT_API_REQUEST_TIMEOUT": "300",  # seconds; 60 are not enough for 30 commands at once
}
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
    """Return the variables to import Prefect with: quiet, and without telemetry.

    What the user has set wins. A server of this machine either answers, in time, or is gone:
    requests to it are retried once, so that a command whose server is lost ends soon; for a server
    on the network Prefect's default holds. With the shared server, Prefect's home is ours and it
    gets its secret; with a configured one Prefect reads all settings where the user keeps them.

    Args:
        api_url: The server that is used.
        directory: Where the shared server keeps its files.
        environ: The command's own environment.
    """
    theirs = user_settings(environ)
    is_theirs = theirs.get("PREFECT_API_URL") == api_url
    usual = _QUIET | (_PATIENT if is_here(api_url) else {})
    return {
        **{name: theirs.get(name) or environ.get(name, text) for name, text in usual.items()},
        **(_past_proxy(environ) if is_here(api_url) else {}),
        "PREFECT_API_URL": api_url,
        **({} if is_theirs else {"PREFECT_HOME": str(directory.prefect_home)}),
        **_secret_of(api_url, directory),
    }


def without_prefect(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without what the user has set for Prefect."""
    return {name: text for name, text in environ.items() if not name.startswith("PREFECT_")}


def _past_proxy(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return the variables that keep requests to this machine away from a proxy."""
    known = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    names = [name.strip() for name in known.split(",") if name.strip()]
    text = known if names == ["*"] else ",".join(dict.fromkeys((*names, *LOOPBACK)))
    return {"no_proxy": text, "NO_PROXY": text}


def trial_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a deployment's trials: it lacks the shared server's secret.

    A trial that finds them in its environment might print or report them.
    """
    directory = ServerDirectory.from_environment(environ)
    is_shared = bool(_secret_of(environ.get("PREFECT_API_URL", ""), directory))
    hidden = ("PREFECT_API_URL", SECRET_VARIABLE, *_PATIENT) if is_shared else ()
    return {name: text for name, text in environ.items() if name not in hidden}


def _secret_of(api_url: str, directory: ServerDirectory) -> Mapping[str, str]:
    state, secret = read_state(directory), read_own(directory.secret)
    is_shared = state is not None and state.api_url == api_url
    return {SECRET_VARIABLE: secret} if is_shared and secret else {}
