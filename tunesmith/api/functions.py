"""A Python function as the objective: each trial calls it in a process of its own.

The trial's script is made of the function's own file, so the function has to be one that a fresh
process can import: defined at the top of a module or a script, by its name.
"""

import hashlib
import inspect
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tunesmith.api.batches import Batch
from tunesmith.api.running import find_place, run
from tunesmith.api.spaces import FlagInput, to_setting
from tunesmith.atomic_file import write_atomically
from tunesmith.errors import ScriptError
from tunesmith.executor.environment import RUN_VARIABLE
from tunesmith.flags.secret_values import mask
from tunesmith.flags.settings import Choices, Distribution, Setting, condition_of
from tunesmith.flags.values import FlagValue
from tunesmith.script.arguments import variable_of

_CHOSEN = """
import os

_arguments = {{{arguments}}}
for _name, _variable in {variables}.items():  # a flag that is not active has no variable
    if _variable not in os.environ and _arguments[_name] is not None:
        del _arguments[_name]
"""

Objective = Callable[..., float | Mapping[str, float]]
"""Takes the flags by name; returns the objective, or scalars by name."""

_SCRIPT = '''\
"""Calls {name} of {file} with the flags of a trial."""

import sys
import types

{flags}

sys.path.append({folder!r})
module = types.ModuleType({module!r})
module.__file__ = {path!r}
sys.modules[module.__name__] = module
exec(compile({text!r}, module.__file__, "exec"), module.__dict__)
result = getattr(module, {name!r})({arguments})
for tag, value in (result if hasattr(result, "items") else {{{tag!r}: result}}).items():
    print(f"{{tag}}: {{float(value)!r}}")
'''


def minimize(
    function: Objective,
    space: Mapping[str, FlagInput],
    *,
    optimizer: str | None = "gp",
    max_trials: int | None = None,
    home: str | Path | None = None,
    **options: Any,
) -> Batch:
    """Search for the arguments with which a function returns the least, and return the batch.

    Args:
        function: Defined at the top of a module or script; called with the flags by name.
        space: What each argument is searched over, or the value that it always has.
        optimizer: As for ``run``.
        max_trials: As for ``run``.
        home: As for ``run``.
        options: The other arguments of ``run``.

    Raises:
        ScriptError: A fresh process could not import the function.
        TunesmithError: As for ``run``.
    """
    return _search(function, space, "minimize", optimizer, max_trials, home, options)


def maximize(
    function: Objective,
    space: Mapping[str, FlagInput],
    *,
    optimizer: str | None = "gp",
    max_trials: int | None = None,
    home: str | Path | None = None,
    **options: Any,
) -> Batch:
    """Search for the arguments with which a function returns the most; as ``minimize`` does."""
    return _search(function, space, "maximize", optimizer, max_trials, home, options)


def _search(
    function: Objective,
    space: Mapping[str, FlagInput],
    direction: str,
    optimizer: str | None,
    max_trials: int | None,
    home: str | Path | None,
    options: dict[str, Any],
) -> Batch:
    tag = str(options.pop("scalar", "loss" if direction == "minimize" else "score"))
    place = find_place(home)
    script = write_script(function, space, tag=tag, folder=place / "cache" / "functions")
    options[direction] = tag
    return run(
        script.name,
        dict(space),
        folder=script.parent,
        optimizer=optimizer,
        max_trials=max_trials,
        home=place,
        **options,
    )


def write_script(
    function: Objective, space: Mapping[str, FlagInput], *, tag: str, folder: Path
) -> Path:
    """Write the script that calls a function; it holds the text of the function's file.

    Args:
        function: What is called.
        space: Its arguments.
        tag: The scalar that a plain number is reported as.
        folder: Where scripts are kept; each content has a folder of its own.

    Raises:
        ScriptError: A fresh process could not import the function, or this is one already.
    """
    if RUN_VARIABLE in os.environ:
        raise ScriptError(
            "a trial must not start a search: put the call below if __name__ == '__main__':"
        )
    file = _file_of(function)
    settings = {name: to_setting(value) for name, value in space.items()}
    flags = "\n".join(f"{name} = {mask(name, _first(one))!r}" for name, one in settings.items())
    variables = {name: variable_of(name) for name, one in settings.items() if condition_of(one)}
    arguments = ", ".join(f"{name}={name}" for name in space)
    if variables:
        named = ", ".join(f"{name!r}: {name}" for name in space)
        flags += _CHOSEN.format(arguments=named, variables=variables)
        arguments = "**_arguments"
    text = _SCRIPT.format(
        name=function.__name__,
        file=file.name,
        folder=str(file.parent),
        path=str(file),
        module=f"{file.stem}_of_trial",
        text=file.read_text(encoding="utf-8"),
        tag=tag,
        flags=flags,
        arguments=arguments,
    )
    digest = hashlib.blake2s(text.encode(), digest_size=8).hexdigest()
    path = folder / digest / f"{function.__name__}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, text.encode())
    return path


def _file_of(function: Objective) -> Path:
    """Return the file in which a function is defined at the top.

    Raises:
        ScriptError: It is defined within something else, or not in a file.
    """
    name = getattr(function, "__qualname__", repr(function))
    try:
        file = inspect.getsourcefile(function)
    except TypeError:
        file = None
    if file is None or not Path(file).is_file() or not name.isidentifier():
        raise ScriptError(
            f"a fresh process cannot import {name}: define the function at the top of a file, "
            "with def and a name of its own"
        )
    return Path(file).resolve()


def _first(setting: Setting) -> FlagValue:
    """Return a value that tells the flag's type: the script's default, which no trial takes."""
    if isinstance(setting, Distribution):
        return setting.low
    if not isinstance(setting, Choices):
        return setting
    if setting.condition is None:
        return setting.values[0]
    return next((value for value in setting.values if value is not None), None)
