"""Values of notebooks: those of the Python in their code cells."""

from collections.abc import Mapping

from tunesmith.addresses.address import Address
from tunesmith.addresses.python_values import read_python, rewrite_python
from tunesmith.errors import FlagError, ScriptError
from tunesmith.flags.values import FlagValue
from tunesmith.script.notebook_code import notebook_code, with_code


def read_notebook(text: str) -> tuple[Address, ...]:
    """Return the values of a notebook that can be set.

    Raises:
        FlagError: It is no notebook in Python.
    """
    try:
        return read_python(notebook_code(text, name="it"))
    except ScriptError as error:
        raise FlagError(str(error)) from error


def rewrite_notebook(text: str, values: Mapping[str, FlagValue]) -> str:
    """Return the notebook with new values; every other line of its cells stays the same.

    Args:
        text: The notebook.
        values: The new values by the keys of their addresses.
    """
    return with_code(text, rewrite_python(notebook_code(text, name="it"), values))
