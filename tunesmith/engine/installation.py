"""What two processes must have in common for one to stand for the other."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

_AT_START = (
    *("PYTHON", "LC_", "LANG", "LANGUAGE", "LD_", "GLIBC_", "MALLOC_"),
    *("OMP_", "OPENBLAS_", "MKL_", "NUMEXPR_"),
)
"""How the variables begin that a process or a library reads once, at its start."""
_NAMESPACES = ("cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts")
_RESTRICTIONS = ("Cap", "NoNewPrivs", "Seccomp")
"""How the lines of ``/proc/self/status`` begin that say what a process may not do."""
_INSTALLED = ("site-packages", "dist-packages")


def identity(environ: Mapping[str, str]) -> str:
    """Return what is the same for processes that run the same code in the same surroundings.

    It covers the interpreter and its options, the installed packages, the user, what restricts the
    process, how it is scheduled, and the variables that are read once.
    """
    facts = (
        *(sys.executable, sys.prefix, sys.version, list(sys.flags), sys.warnoptions),
        *(sorted(sys._xoptions.items()), _installed()),
        *(os.getresuid(), os.getresgid(), sorted(os.getgroups())),
        [_link(f"/proc/self/ns/{name}") for name in _NAMESPACES],
        [one for one in _text("status").splitlines() if one.startswith(_RESTRICTIONS)],
        [_text(name) for name in ("personality", "oom_score_adj", "attr/current")],
        *(os.sched_getscheduler(0), [Path("/").stat().st_dev, Path("/").stat().st_ino]),
        sorted((name, text) for name, text in environ.items() if name.startswith(_AT_START)),
    )
    return json.dumps(facts)


def _installed() -> list[int]:
    """Return times that change when a package is installed, or a line of ours is edited."""
    package = Path(__file__).parents[1]
    if package.parent.name in _INSTALLED:
        return [package.parent.stat().st_mtime_ns, package.stat().st_mtime_ns]
    folders = [Path(path) for path in sys.path if Path(path).name in _INSTALLED]
    places = [folder.stat().st_mtime_ns for folder in folders if folder.is_dir()]
    return [*places, max(_times(package))]


def _times(folder: Path) -> Iterator[int]:
    """Yield when each module of a working copy was changed; links lead to its other folders."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                if entry.name != "__pycache__":
                    yield from _times(Path(entry.path))
            elif entry.name.endswith(".py"):
                yield entry.stat().st_mtime_ns


def _text(name: str) -> str:
    try:
        return Path("/proc/self", name).read_text()
    except (OSError, UnicodeDecodeError):
        return ""


def _link(path: str) -> str:
    try:
        return os.readlink(path)  # noqa: PTH115 - the text alone, of a link that leads nowhere
    except OSError:
        return ""
