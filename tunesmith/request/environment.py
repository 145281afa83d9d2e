"""What a result depends on beside the script: the commit, and the versions of packages."""

import ast
import os
import platform
import re
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

from tunesmith.batch import BatchSpec
from tunesmith.script.imports import imported_modules
from tunesmith.storage.files.git import commit_of
from tunesmith.version import VERSION

_OWN = ("numpy", "scipy", "scikit-learn", "scikit-optimize", "optuna", "prefect")
"""The packages that may decide which trials are proposed, and how they run."""
_DISTRIBUTIONS: Mapping[str, str] = MappingProxyType(
    {
        "PIL": "pillow",
        "bs4": "beautifulsoup4",
        "cv2": "opencv-python",
        "skimage": "scikit-image",
        "sklearn": "scikit-learn",
        "skopt": "scikit-optimize",
        "yaml": "PyYAML",
    }
)
"""Packages by the module that is imported, where the names differ."""


def environment_of(spec: BatchSpec) -> dict[str, str]:
    """Return the commit of the project and the versions of packages, as texts for people.

    The packages are those that the script imports itself, in the environment of its interpreter.
    What cannot be found out is left out.
    """
    folders = _package_folders(spec.execution.python)
    found = {
        "commit": commit_of(Path(spec.project)),
        "interpreter": spec.execution.python or sys.executable,
        "Python": _version_of(folders),
        "packages": _versions(_imported(Path(spec.project) / spec.script), folders),
        "Tunesmith": f"{VERSION} ({_versions(_OWN, sys.path)})",
        "system": platform.platform(),
    }
    return {name: text for name, text in found.items() if text}


def _imported(script: Path) -> list[str]:
    """Return the packages that a script imports, without those of Python."""
    try:
        names = imported_modules(ast.parse(script.read_bytes()))
    except (OSError, SyntaxError, ValueError):
        return []
    return sorted(_DISTRIBUTIONS.get(name, name) for name in names - sys.stdlib_module_names)


def _versions(names: Iterable[str], folders: Iterable[str]) -> str:
    """Return the installed ones of some packages with their versions: ``numpy 2.1.0, torch 2.3``.

    The names of folders tell them in a millisecond; importing ``importlib.metadata`` takes 40.

    Args:
        names: The names of packages.
        folders: The folders of an environment's packages, in the order of the import path.
    """
    installed: dict[str, str] = {}
    for folder in folders:
        with suppress(OSError):  # a path of an archive, or of a folder that is gone
            for entry in os.listdir(folder):  # noqa: PTH208 - names are wanted, not paths
                name, dash, version = entry.removesuffix(".dist-info").partition("-")
                if dash and entry.endswith(".dist-info"):
                    installed.setdefault(_normal(name), version)
    found = ((name, installed.get(_normal(name))) for name in names)
    return ", ".join(f"{name} {version}" for name, version in found if version)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _package_folders(python: str) -> list[str]:
    """Return where an interpreter has its packages; empty if that is not known."""
    path = shutil.which(python) if python else sys.executable
    if path == sys.executable:
        return sys.path
    # a virtual environment is known by the place of its link
    found = Path(path).absolute().parents[1].glob("lib/python3*/site-packages") if path else ()
    return sorted(map(str, found))


def _version_of(folders: Sequence[str]) -> str:
    """Return the version of Python in whose folders packages are."""
    if folders is sys.path:
        return platform.python_version()
    found = (re.search(r"/python(3\.\d+)", folder) for folder in folders)
    return next((one[1] for one in found if one), "")
