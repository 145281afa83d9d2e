"""Flags that a script's text shows, without running it."""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from tunesmith.flags.definition import FlagSource, FlagStyle, ScriptFlags
from tunesmith.flags.secret_values import mask_defaults
from tunesmith.script.argparse_flags import read_argparse, read_some_argparse
from tunesmith.script.argument_flags import read_arguments
from tunesmith.script.asking.fixed_list import check_reading
from tunesmith.script.call_arguments import last_name
from tunesmith.script.click_flags import has_command, read_click
from tunesmith.script.environment_flags import read_environment
from tunesmith.script.global_flags import read_globals
from tunesmith.script.imports import imported_modules
from tunesmith.script.source import parse_source, read_source


def is_certain(script_flags: ScriptFlags) -> bool:
    """Return whether the flags are complete without trying the script's own converters."""
    return all(flag.spelling is not None for flag in script_flags.definitions)


def read_without_running(path: Path) -> ScriptFlags | None:
    """Return the flags that a script's text shows; None where its options are computed.

    Raises:
        ScriptError: The script is missing, or is not Python.
    """
    return flags_of(read_script_text(path))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptText:
    """A script as its text shows it."""

    name: str
    """The file's name, for messages."""
    text: str
    tree: ast.Module
    modules: frozenset[str]
    """The top-level modules that it imports."""


def _uses_argparse(script: ScriptText) -> bool:
    return (
        "argparse" in script.modules
        and "ArgumentParser" in script.text
        and any(
            isinstance(node, ast.Name | ast.Attribute) and last_name(node) == "ArgumentParser"
            for node in ast.walk(script.tree)
        )
    )


def _read_argparse(script: ScriptText) -> ScriptFlags | None:
    check_reading([script.tree], script.name)
    return read_argparse(script.tree)


FlagReader = tuple[
    Callable[[ScriptText], bool],
    Callable[[ScriptText], ScriptFlags | None],
]
"""Whether a script has such flags, and reading them: None where only a run shows them."""

_ASKED = {
    "hydra": r"\bhydra\.main\b|\bfrom hydra import .*\bmain\b|\boverrides=sys\.argv\b",
    "sacred": r"\bExperiment\(",
    "fire": r"\bFire\(",
    "tyro": r"\bcli\(|_cli\w*\(|\bSubcommandApp\(",
    "hydra_zen": r"\bhydra_main\(",
    "absl": r"\bDEFINE_|\bFLAGS\b",
    "tensorflow": r"\bDEFINE_",
    "docopt": r"\bdocopt\(",
    "optparse": r"\bOptionParser\(",
    "getopt": r"\bgetopt\(",
    "omegaconf": r"\bfrom_cli\(|\bmerge_with_cli\(|\bfrom_dotlist\(sys\.argv\b",
}
"""Modules of which only a run shows the flags, with the text by which a script uses them so."""


def _is_asked(script: ScriptText) -> bool:
    return any(
        module in script.modules and re.search(use, script.text) for module, use in _ASKED.items()
    )


def _read_plain(script: ScriptText) -> ScriptFlags:
    """Return the flags of a script without a parser: arguments, variables and globals."""
    found = read_globals(script.text, script.tree)
    placed = read_arguments(script.tree) if "sys" in script.modules else ()
    named = read_environment(script.tree) if "os" in script.modules else ()
    passed = [flag for flag in (*placed, *named) if found.get(flag.name) is None]
    if not passed:
        return found
    found = replace(found, definitions=(*passed, *found.definitions))
    if found.settable != tuple(passed):
        return found
    if placed:
        return replace(found, source=FlagSource.ARGUMENTS)
    return replace(found, source=FlagSource.ENVIRONMENT, style=FlagStyle.ENVIRONMENT)


FLAG_READERS: tuple[FlagReader, ...] = (
    (_is_asked, lambda _: None),
    (_uses_argparse, _read_argparse),
    (
        lambda script: (
            not script.modules.isdisjoint({"click", "typer"}) and has_command(script.tree)
        ),
        lambda script: read_click(script.tree),
    ),
    (lambda _: True, _read_plain),
)
"""The kinds of flags, the first that a script has counts."""


WITHOUT_PARSER = frozenset({FlagSource.GLOBALS, FlagSource.ARGUMENTS, FlagSource.ENVIRONMENT})
"""The kinds of flags of a script whose text shows no parser, so that others may have one."""


def read_script_text(path: Path) -> ScriptText:
    """Return a script as its text shows it.

    Raises:
        ScriptError: It is missing, or is not Python.
    """
    text = read_source(path)
    tree = parse_source(text, path.name)
    return ScriptText(name=path.name, text=text, tree=tree, modules=imported_modules(tree))


def some_flags_of(script: ScriptText) -> ScriptFlags | None:
    """Return the flags that the text of a script shows of which a run shows none; None for none.

    There may be others, and of some the default is computed.
    """
    found = read_some_argparse(script.tree) if _uses_argparse(script) else None
    return None if found is None else mask_defaults(found)


def flags_of(script: ScriptText) -> ScriptFlags | None:
    """Return the flags that a script's text shows; None where its options are computed.

    Raises:
        ScriptError: It reads a list of its own instead of the command line.
    """
    found = next(read(script) for has_flags, read in FLAG_READERS if has_flags(script))
    return None if found is None else mask_defaults(found)
