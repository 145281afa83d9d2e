"""TensorBoard itself, served from this process on loopback."""

import contextlib
import io
import logging
from pathlib import Path

from tunesmith.errors import ServerError

HOST = "127.0.0.1"
RELOAD_S = 2
"""Seconds between two looks of TensorBoard's at its log directory."""


def launch(folder: Path, *, port: int = 0) -> str:
    """Serve a log directory in a thread of this process, and return the address of HPARAMS.

    Its data server is a child that ends with this process.

    Args:
        folder: The log directory.
        port: 0 for a free one.

    Raises:
        ServerError: TensorBoard is not installed, or the port is taken.
    """
    try:
        from tensorboard import program  # 1.6 s, and nothing else needs it
    except ImportError as error:
        raise ServerError(
            "TensorBoard is not installed here: pip install 'tensorboard>=2.21'"
        ) from error
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = program.TensorBoard()
    arguments = ["--logdir", str(folder), "--host", HOST, "--port", str(port)]
    # two files grow in one folder: the slow loader looks at the newer one only, unless told so
    arguments += ["--reload_interval", str(RELOAD_S), "--reload_multifile", "true"]
    talk = io.StringIO()
    try:
        with contextlib.redirect_stderr(talk), contextlib.redirect_stdout(talk):
            server.configure(argv=["tensorboard", *arguments])
            url = server.launch()
    except program.TensorBoardServerException as error:
        raise ServerError(f"TensorBoard does not start: {' '.join(str(error).split())}") from error
    except SystemExit as ending:
        last = talk.getvalue().strip().rpartition("\n")[2]
        raise ServerError(f"TensorBoard does not start: {last}") from ending
    return f"{url.rstrip('/')}/#hparams"
