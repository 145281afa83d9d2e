"""TensorBoard, served from this process on loopback to anyone who knows its address.

TensorBoard has no password. So its pages have a path that cannot be guessed, and requests from
other origins and host names are refused. It reads its files itself: the data server that it would
start otherwise answers every user of the machine on another port.
"""

import contextlib
import io
import logging
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tunesmith.errors import ServerError
from tunesmith.loopback import judge

HOST = "127.0.0.1"
RELOAD_S = 2
"""Seconds between two reads of the log directory by TensorBoard."""
N_BYTES = 16
"""The number of random bytes in the path."""
_STATUS = {403: "403 Forbidden", 421: "421 Misdirected Request"}

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
"""A WSGI application (PEP 3333)."""


def launch(folder: Path, *, port: int = 0) -> str:
    """Serve a log directory in a thread of this process, and return the address of HPARAMS.

    Args:
        folder: The log directory.
        port: The port; 0 for any free one.

    Raises:
        ServerError: TensorBoard is not installed, or the port is in use.
    """
    try:
        from tensorboard import program  # takes 1.6 s to import, and nothing else needs it
    except ImportError as error:
        raise ServerError(
            "TensorBoard is not installed here: pip install 'tensorboard>=2.21'"
        ) from error
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = program.TensorBoard(
        server_class=lambda app, flags: program.WerkzeugServer(guarded(app), flags)
    )
    arguments = ["--logdir", str(folder), "--host", HOST, "--port", str(port)]
    arguments += ["--path_prefix", f"/{secrets.token_urlsafe(N_BYTES)}", "--load_fast", "false"]
    # two files grow in one folder, of which this loader reads only the newer one by default
    arguments += ["--reload_interval", str(RELOAD_S), "--reload_multifile", "true"]
    output = io.StringIO()
    try:
        with contextlib.redirect_stderr(output), contextlib.redirect_stdout(output):
            server.configure(argv=["tensorboard", *arguments])
            url = server.launch()
    except program.TensorBoardServerException as error:
        raise ServerError(f"TensorBoard does not start: {' '.join(str(error).split())}") from error
    except SystemExit as ending:
        last = output.getvalue().strip().rpartition("\n")[2]
        raise ServerError(f"TensorBoard does not start: {last}") from ending
    return f"{url.rstrip('/')}/#hparams"


def guarded(app: Application) -> Application:
    """Return an application that answers only local programs and its own pages."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        headers = {
            name.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        refusal = judge(headers)
        if refusal is None:
            return app(environ, _with_headers(start_response))
        start_response(_STATUS[refusal.status], [("Content-Type", "text/plain")])
        return [refusal.reason.encode()]

    return answer


def _with_headers(start_response: Callable[..., Any]) -> Callable[..., Any]:
    def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        # its pages show parts of each other in frames
        added = [("X-Frame-Options", "SAMEORIGIN"), ("Referrer-Policy", "no-referrer")]
        return start_response(status, [*headers, *added], *more)

    return start
