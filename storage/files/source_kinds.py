"""Which names in a project are not its source: data, what runs leave behind, our own tables."""

import fnmatch
import re
from pathlib import Path

LEFT_BY_RUNS = frozenset(
    {"checkpoints", "lightning_logs", "mlruns", "multirun", "outputs", "runs", "wandb"}
)
"""The folders that libraries write to by default: no trial sees what others left there."""
_KEEPERS = (".gitkeep", ".keep", ".gitignore")
"""Files that only make git keep a folder."""
_DATA = ("*.tsv", "*.parquet", "*.pyc", "*.log", "events.out.tfevents.*")
_LEFT_OUT = re.compile("|".join(map(fnmatch.translate, _DATA)))
_OWN_TABLE = re.compile(rb"(?:\xef\xbb\xbf)?run,[^\n]*\r?\n[0-9a-f]{8},")
"""How a table begins that ``compare`` or ``scalars`` writes: with the short id of a run."""


def is_data(name: str) -> bool:
    """Return whether a file is data by its name alone."""
    return _LEFT_OUT.match(name.rpartition("/")[2].lower()) is not None


def is_own_table(data: bytes) -> bool:
    """Return whether a file is a table of runs that Tunesmith has written."""
    return _OWN_TABLE.match(data) is not None


def left_by_runs(project: Path, script: str) -> tuple[str, ...]:
    """Return the folders of a project that hold what runs leave behind, by their path within it.

    They are beside the script and at the top of the project; one with modules of its own is a
    package that only has such a name.

    Args:
        project: The project's folder.
        script: The script's path within it, with slashes.
    """
    folder = script.rpartition("/")[0]
    tops = {"", f"{folder}/" if folder else ""}
    places = (f"{top}{name}" for top in tops for name in LEFT_BY_RUNS)
    found = (place for place in places if (project / place).is_dir())
    return tuple(sorted(one for one in found if not (project / one / "__init__.py").exists()))


def only_keeps_a_folder(name: str) -> bool:
    """Return whether a file is there so that git keeps its folder."""
    return name.rpartition("/")[2] in _KEEPERS
