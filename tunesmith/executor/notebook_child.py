"""Executes a notebook: started by path with the user's interpreter, beside which nbclient is.

Arguments: the notebook, in which the outputs of its cells are written, and the folder in which its
kernel runs, from the working directory. What cells print is printed when they do, and an error in
a cell is the end, with its traceback.
"""

import os
import re
import resource
import sys
import warnings
from typing import Any

from child import (  # type: ignore[import-not-found]  # it lies beside this file
    PEAK_VARIABLE,
    die_with_parent,
)

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
NEEDED = "nbclient and ipykernel"


def main(path: str, folder: str) -> int:
    """Execute the notebook and keep what comes of it; return the exit code."""
    peak = os.environ.pop(PEAK_VARIABLE, "")
    die_with_parent()
    warnings.simplefilter("ignore")  # of the notebook's own format
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # else the debugger warns at the start
    try:
        import nbformat
        from nbclient.exceptions import CellExecutionError, DeadKernelError
    except ImportError as error:
        sys.stderr.write("a notebook needs " + NEEDED + ": " + str(error) + "\n")
        return 1
    notebook = nbformat.read(path, as_version=4)
    code = 0
    try:
        place = os.path.join(os.getcwd(), folder)
        client_of(notebook, place).execute()
    except CellExecutionError:
        code = 1  # its traceback was printed
    except DeadKernelError as error:
        sys.stderr.write(str(error) + "\n")
        code = 1
    finally:
        nbformat.write(notebook, path)
        if peak:
            note_peak(peak)
    return code


def client_of(notebook: Any, folder: str) -> Any:
    """Return what executes a notebook, in a kernel of this interpreter, and tells its output."""
    from ipykernel.kernelspec import get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    class OwnKernel(AsyncKernelManager):
        """A kernel of this interpreter, whatever kernels the user has installed."""

        @property
        def kernel_spec(self) -> Any:
            """The command that starts it."""
            return KernelSpec(resource_dir="", **get_kernel_dict())

    class TellingClient(NotebookClient):
        """Prints what cells print, when they do."""

        def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
            """Print the text of a message, and do with it what is done."""
            tell(msg["msg_type"], msg["content"])
            return super().process_message(msg, cell, cell_index)

    return TellingClient(
        notebook,
        timeout=None,
        kernel_name="python3",
        extra_arguments=["--log-level=ERROR"],  # it warns of TCP, which is that of this machine
        kernel_manager_class=OwnKernel,
        resources={"metadata": {"path": folder}},
    )


def tell(kind: str, content: dict[str, Any]) -> None:
    """Print what a cell has printed or shown."""
    stream = sys.stdout
    if kind == "stream":
        stream = sys.stderr if content["name"] == "stderr" else sys.stdout
        text = str(content["text"])
    elif kind in ("display_data", "execute_result"):
        data = content["data"]
        is_image = any(str(name).startswith("image/") for name in data)
        text = "" if is_image else str(data.get("text/plain", "")) + "\n"
    elif kind == "error":
        stream = sys.stderr
        text = _COLOURS.sub("", "\n".join(content["traceback"])) + "\n"
    else:
        return
    stream.write(text)
    stream.flush()


def note_peak(path: str) -> None:
    """Write the peak memory of the kernel, in KiB."""
    maximum = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    try:
        with open(path, "w") as file:
            file.write(str(maximum // 1024 if sys.platform == "darwin" else maximum))
    except OSError:
        pass


if __name__ == "__main__":
    del sys.path[0]  # the folder of this file
    sys.exit(main(sys.argv[1], sys.argv[2]))
