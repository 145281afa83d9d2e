"""Imports a script's modules, and checks that it is safe to fork: standard library only.

Loaded by path, in the user's interpreter, by the warm server.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys

POOLS = ("openblas", "mkl", "gomp", "iomp", "blis", "torch", "arrow")
"""Names in the files of libraries whose idle threads do no harm in a fork."""
OUTPUT_BYTES = 64 * 1024
"""Bytes of what the imports print that each trial prints again."""
MAIN = {"__main__", "__mp_main__"}
"""Names of the module that a script becomes; multiprocessing adds the second."""


class ObstacleError(Exception):
    """The reason why this process cannot serve."""


def prepare(plan: dict[str, list[object]]) -> bytes:
    """Import the modules of a plan, and return what they print, which each trial prints again.

    Raises:
        ObstacleError: This process may not be forked.
    """
    if sys.version_info < (3, 8):  # noqa: UP036  # the interpreter is the user's
        raise ObstacleError("Python 3.8 or later is needed")
    before = set(sys.modules)
    own, denied = [[str(name) for name in plan[kind]] for kind in ("own", "denied")]
    # not by tempfile, which would cache a folder that a script may still change
    file = os.memfd_create("output")
    divert(file)
    preload(plan["imports"], own, denied)  # type: ignore[arg-type]  # JSON
    flush()
    output = os.pread(file, OUTPUT_BYTES, 0)
    os.close(file)
    with open(os.devnull, "wb") as nothing:
        divert(nothing.fileno())
    check(before, own, denied)
    return output


def divert(descriptor: int) -> None:
    """Redirect the standard streams to a descriptor."""
    for number in (1, 2):
        os.dup2(descriptor, number)


def flush() -> None:
    """Empty all buffers, which each child would write again."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, ValueError, OSError):
            pass
    ctypes.CDLL(None).fflush(None)


def is_installed(name: str, own: list[str]) -> bool:
    """Return whether a module is in the standard library, or installed: not the user's own."""
    top = name.partition(".")[0]
    if top in own:
        return False
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return False
    if spec is None:
        return False
    places = list(spec.submodule_search_locations or []) or [spec.origin or ""]
    return places[0] in ("built-in", "frozen") or is_in_installation(places[0])


def is_in_installation(path: str) -> bool:
    """Return whether a file belongs to the interpreter or an installed package."""
    library = os.path.dirname(os.__file__) + os.sep
    return path.startswith(library) or any(
        os.sep + folder + os.sep in path for folder in ("site-packages", "dist-packages")
    )


def preload(imports: list[tuple[str, list[str]]], own: list[str], denied: list[str]) -> None:
    """Import modules up to the first that is not installed: it might change later imports.

    Raises:
        ObstacleError: A module must not be imported here.
    """
    for name, names in imports:
        if not is_installed(name, own):
            return
        check_denied({name.partition(".")[0]}, denied)
        try:
            __import__(name, {}, {}, names, 0)
        except BaseException:  # noqa: BLE001  # the script gets the same error
            return


def check(before: set[str], own: list[str], denied: list[str]) -> None:
    """Check that this process can be forked.

    Raises:
        ObstacleError: It cannot.
    """
    tops = {name.partition(".")[0] for name in sys.modules}
    check_denied(tops, denied)
    for name in sorted(tops & set(own) - MAIN):
        raise ObstacleError("the project's own module " + name + " shadows another one")
    check_modules(before)
    if len(sys._current_frames()) > 1:
        raise ObstacleError("an import starts threads")
    if len(os.listdir("/proc/self/task")) > 1 and not has_pools():
        raise ObstacleError("an import starts native threads")
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return
    raise ObstacleError("an import starts processes")


def check_denied(names: set[str], denied: list[str]) -> None:
    """Check that no module is known not to survive a fork.

    Raises:
        ObstacleError: One is.
    """
    for name in sorted(names & set(denied)):
        raise ObstacleError(name + " does not survive a fork")


def check_modules(before: set[str]) -> None:
    """Check the modules that were imported.

    Raises:
        ObstacleError: A module is not installed, or has state that children would share.
    """
    torch = sys.modules.get("torch")
    if torch is not None and getattr(torch, "cuda", None) and torch.cuda.is_initialized():
        raise ObstacleError("an import initializes CUDA")
    for name, module in list(sys.modules.items()):
        place = getattr(module, "__dict__", {}).get("__file__") or ""
        if name not in before | MAIN and place and not is_in_installation(place):
            raise ObstacleError(name + " is not an installed module")
        if name in before:
            continue
        if any(is_generator(one) for one in list(getattr(module, "__dict__", {}).values())):
            raise ObstacleError(name + " draws random numbers that every trial would share")


def is_generator(value: object) -> bool:
    """Return whether a value is a random generator that ``reseed`` does not reach."""
    random, numpy_random = sys.modules.get("random"), sys.modules.get("numpy.random")
    kind = type(value)  # isinstance would call proxies, which may do anything
    if random is not None and issubclass(kind, random.Random):
        return value is not random._inst and not issubclass(kind, random.SystemRandom)
    if numpy_random is not None and issubclass(kind, numpy_random.Generator):
        return True
    if numpy_random is not None and issubclass(kind, numpy_random.RandomState):
        return value is not numpy_random.mtrand._rand
    return False


def has_pools() -> bool:
    """Return whether a library with idle threads is loaded."""
    with open("/proc/self/maps") as file:
        text = file.read()
    return any(pool in text for pool in POOLS)
