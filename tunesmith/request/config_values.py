"""Which defaults a configuration file replaces that the flags of a batch name."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tunesmith.addresses.address import normalized
from tunesmith.addresses.files import has_addresses, read_addresses, read_text
from tunesmith.batch import BatchSpec
from tunesmith.errors import FlagError, ScriptError
from tunesmith.flags.definition import FlagDefinition
from tunesmith.flags.settings import Choices
from tunesmith.script.path_literals import CONFIGURATIONS


def without_replaced(spec: BatchSpec) -> BatchSpec:
    """Return a specification without the defaults that files replace, as ``config=small.yaml``.

    What the program takes instead is not known here, so that no value is recorded.

    Args:
        spec: What is about to run.
    """
    keys = {key for path in _named_files(spec) for key in _keys(path)}
    if not keys:
        return spec
    given = {*spec.given_names, *(name for row in spec.rows for name in row)}
    replaced = {
        flag.name
        for flag in spec.script_flags.definitions
        if flag.name not in given and not keys.isdisjoint(_names(flag))
    }
    kept = {name: value for name, value in spec.settings.items() if name not in replaced}
    return replace(spec, settings=kept)


def _names(flag: FlagDefinition) -> Iterator[str]:
    yield from map(normalized, (flag.name, *flag.aliases))


def _named_files(spec: BatchSpec) -> set[Path]:
    """Return the configuration files of the project that values or extra arguments name."""
    values: list[object] = list(spec.extra_arguments)
    for name in spec.given_names:
        setting = spec.settings[name]
        values += setting.values if isinstance(setting, Choices) else [setting]
    values += [value for row in spec.rows for value in row.values()]
    texts = {one.rpartition("=")[2] for one in values if isinstance(one, str)}
    paths = (Path(spec.project) / one for one in texts if one.endswith(CONFIGURATIONS))
    return {path for path in paths if has_addresses(path.name) and path.is_file()}


def _keys(path: Path) -> Iterator[str]:
    """Yield by which names the values of a file may be known to a parser."""
    try:
        addresses = read_addresses(read_text(path), name=path.name)
    except (FlagError, ScriptError):  # the program says what is wrong with it
        return
    for one in addresses:
        words = one.key.split(".")
        yield from (".".join(words[at:]) for at in range(len(words)))
