"""Flags of a shell script, as its text shows them: variables with a default, arguments, options.

What is not recognized can be passed all the same, as an option.
"""

import re
from collections.abc import Container, Iterator
from dataclasses import replace
from pathlib import Path

from tunesmith.flags.definition import (
    FlagDefinition,
    FlagSource,
    FlagStyle,
    FlagType,
    ScriptFlags,
)
from tunesmith.flags.number import read_number
from tunesmith.flags.values import FlagValue
from tunesmith.script.argument_flags import with_gaps
from tunesmith.script.environment_flags import is_flag_name

SUFFIXES = (".sh", ".bash", ".zsh", ".ksh")
_SHEBANG = re.compile(r"#!\s*\S*(?:/|\benv\s+(?:-\S+\s+)*)(?:ba|da|z|k|a)?sh\b")
_COMMENT = re.compile(r"(?:^|(?<=\s))#[^\n]*")
_FUNCTION = re.compile(
    r"^(?:function\s+)?[\w-]+\s*(?:\(\s*\))\s*\{.*?^\}", re.MULTILINE | re.DOTALL
)
_DEFAULT = re.compile(r"\$\{([A-Za-z_]\w*)(:?[-=?])((?:[^{}]|\$\{[^{}]*\})*)\}")
_SET = re.compile(
    r"^[ \t]*(?:export[ \t]+|readonly[ \t]+|declare[ \t]+(?:-\w+[ \t]+)?)?(\w+)=(.*)$",
    re.MULTILINE,
)
_PLACE = re.compile(r"""["']?\$(?:(\d)|\{(\d)(?::?[-=?]([^{}]*))?\})["']?\s*(?:;|$)""")
_GETOPTS = re.compile(r"""\bgetopts\s+["']?([A-Za-z0-9:]+)["']?\s""")
_CASE = re.compile(
    r"(?:^|(?<=;;)|\bin\b)\s*\(?((?:-{1,2}[A-Za-z][\w-]*=?\*?\s*\|\s*)*-{1,2}[A-Za-z][\w-]*=?\*?)\)(.*?);;",
    re.MULTILINE | re.DOTALL,
)
_TAKING = re.compile(r"\$\{?2\b|\bshift\s+2\b|\$\{?OPTARG\b")
_PASSING = re.compile(r"\$[@*]|\$\{[@*]")
_ARGUMENTS = re.compile(
    r"\$[@*#1-9]|\$\{[@*#1-9]|\bgetopts\b|\bshift\b|\bFLAG_|\bsource\b|^\s*\.\s", re.M
)
"""What shows that a script may take arguments, itself or in another one."""
_READ = re.compile(r"\$(?:([A-Z][A-Z0-9_]+)\b|\{([A-Z][A-Z0-9_]+)\})")
_ASSIGNED = re.compile(
    r"(?:^|[\s;(&|])(\w+)\+?=|\b(?:for|read|select|mapfile)\s+(?:-\w+\s+)*(\w+)"
)
_QUOTED = re.compile(r"'[^'\n]*'")
_OF_SHELL = re.compile(
    r"BASH|FUNCNAME|RANDOM|SECONDS|EPOCH\w*SECONDS|LINENO|PIPESTATUS|OPT(?:ARG|IND)|REPLY|IFS|PPID|E?UID|SHLVL"
    r"|OLDPWD|DIRSTACK|GROUPS|(?:OS|HOST|MACH)TYPE|EDITOR|PS[0-4]$"
)
_CONSTANT = re.compile(r"""[^\s;&|<>"'$`(]+|"[^"$`]+"|'[^']+'""")
_HELP = ("help", "h", "version")


def is_shell_file(path: Path) -> bool:
    """Return whether a file is a shell script, by its name or its first line."""
    if path.suffix.lower() in SUFFIXES:
        return True
    try:
        with path.open("rb") as file:
            return _SHEBANG.match(file.read(200).decode(errors="replace")) is not None
    except OSError:
        return False


def read_shell_flags(path: Path) -> ScriptFlags:
    """Return the flags of a shell script; other names are passed as options.

    Args:
        path: The script.
    """
    try:
        text = path.read_text(errors="replace")
    except OSError:
        text = ""
    text = _COMMENT.sub("", text)
    found = {flag.name: flag for flag in _variables(text)}
    options = list(_options(text))
    for flag in (*_arguments(_FUNCTION.sub("", text)), *options):
        found.setdefault(flag.name, flag)
    if not _PASSING.search(text):
        found = _with_lower_case(found)
    is_joined = bool(options) and all(flag.option.endswith("=") for flag in options)
    definitions = tuple(found.values())
    return ScriptFlags(
        source=FlagSource.COMMAND,
        definitions=definitions,
        unlisted=tuple(one for one in _variables_read(text) if one.name not in found),
        refused={} if _ARGUMENTS.search(text) else _constants(text, set(found)),
        style=FlagStyle.JOINED if is_joined else FlagStyle.SPACED,
        found_by="in the text of the shell script: variables with a default, arguments, options"
        if definitions
        else "",
    )


def _variables(text: str) -> Iterator[FlagDefinition]:
    """Yield the variables that may be set from outside: those with a default, never set before."""
    seen = set[str]()
    assigned: dict[str, int] = {}
    for one in _SET.finditer(text):
        if f"${{{one[1]}" not in one[2]:
            assigned.setdefault(one[1], one.start())
    for one in _DEFAULT.finditer(text):
        name, sign, default = one[1], one[2], one[3]
        is_set = assigned.get(name, len(text)) < one.start()
        if name in seen or is_set or not is_flag_name(name):
            continue
        seen.add(name)
        value = None if "?" in sign else _value(default)
        yield FlagDefinition(name=name, type=_type(value), default=value, variable=name)


def _variables_read(text: str) -> Iterator[FlagDefinition]:
    """Yield the variables that a script reads and never sets, in upper case as is usual."""
    assigned = {name for pair in _ASSIGNED.findall(text) for name in pair}
    read = dict.fromkeys(one[1] or one[2] for one in _READ.finditer(_QUOTED.sub("", text)))
    for name in read:
        if name not in assigned and is_flag_name(name) and not _OF_SHELL.match(name):
            yield FlagDefinition(name=name, variable=name)


def _constants(text: str, flags: Container[str]) -> dict[str, str]:
    """Return why the constants of a script that takes no arguments cannot be set."""
    values = {one[1]: one[2].strip() for one in _SET.finditer(text) if one[1] not in flags}
    said = "takes no arguments and sets {0} itself ({0}=${{{0}:-{1}}} would take it)"
    return {
        name: said.format(name, value)
        for name, value in values.items()
        if _CONSTANT.fullmatch(value)
    }


def _arguments(text: str) -> Iterator[FlagDefinition]:
    """Yield the arguments that a script assigns by their place, unless it shifts them."""
    if re.search(r"\bshift\b|\bgetopts\b", text):
        return
    found: dict[int, FlagDefinition] = {}
    for one in _SET.finditer(text):
        place = _PLACE.match(one[2])
        if place is None:
            continue
        at, value = int(place[1] or place[2]), _value(place[3] or "")
        if at and at not in found:
            found[at] = FlagDefinition(
                name=one[1], type=_type(value), default=value, position=at, aliases=(str(at),)
            )
    yield from (replace(flag, is_required=False) for flag in with_gaps(found))


def _options(text: str) -> Iterator[FlagDefinition]:
    """Yield the options of ``getopts``, and of a ``case`` that goes through the arguments."""
    for one in _GETOPTS.finditer(text):
        for letter, colon in re.findall(r"([A-Za-z0-9])(:?)", one[1]):
            yield from _option([f"-{letter}"], is_valued=bool(colon))
    for one in _CASE.finditer(text):
        words = [word.strip() for word in one[1].split("|")]
        is_joined = any(word.endswith("=*") for word in words)
        named = [word.rstrip("*").rstrip("=") for word in words]
        if is_joined and not _TAKING.search(one[2]):
            named = [f"{word}=" for word in named]
        yield from _option(named, is_valued=is_joined or bool(_TAKING.search(one[2])))


def _option(words: list[str], *, is_valued: bool) -> Iterator[FlagDefinition]:
    option = max(words, key=len)
    names = [word.strip("-=") for word in words]
    name = option.strip("-=")
    if set(names) & {*_HELP}:
        return
    others = tuple(one for one in names if one != name)
    if is_valued:
        yield FlagDefinition(name=name, option=option, aliases=others)
    else:
        yield FlagDefinition(
            name=name,
            type=FlagType.BOOL,
            default=False,
            option=option,
            switch_on=option.rstrip("="),
            aliases=others,
        )


def _with_lower_case(found: dict[str, FlagDefinition]) -> dict[str, FlagDefinition]:
    """Return flags whose variables can be typed in lower case, where that means no other one."""
    return {
        name: replace(flag, aliases=(name.lower(),))
        if flag.variable and name.lower() not in found
        else flag
        for name, flag in found.items()
    }


def _value(text: str) -> FlagValue:
    """Return a default; None where the shell computes it."""
    plain = text.strip().strip("\"'")
    if not plain or "$" in plain or "`" in plain:
        return None
    number = read_number(plain)
    return plain if number is None else number


def _type(value: FlagValue) -> FlagType:
    return FlagType.TEXT if isinstance(value, str) else FlagType.ANY
