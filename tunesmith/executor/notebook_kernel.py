"""What an interpreter needs to execute a notebook."""

import importlib.util
import subprocess

from tunesmith.errors import ScriptError

_MODULES = ("nbclient", "nbformat", "ipykernel")
_TIMEOUT_S = 60.0


def check_kernel(python: str) -> None:
    """Check that an interpreter can execute notebooks.

    Args:
        python: The interpreter of the trials; empty for the one that runs Tunesmith.

    Raises:
        ScriptError: Packages are missing; the message says where to install which.
    """
    if not python and all(importlib.util.find_spec(name) for name in _MODULES):
        return
    if not python:
        raise ScriptError(
            "a notebook is executed with nbclient and ipykernel, which are not installed: pip "
            "install 'tunesmith[notebook]'"
        )
    program = f"import {', '.join(_MODULES)}"
    try:
        subprocess.run(
            [python, "-c", program], check=True, capture_output=True, timeout=_TIMEOUT_S
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise ScriptError(
            f"a notebook is executed with nbclient and ipykernel, and {python} does not have "
            f"them: {python} -m pip install nbclient ipykernel"
        ) from error
