"""Has absl answer with its flags instead of reading the command line."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from . import config_dicts, converters, values

PLAIN = {"FloatParser": "float", "IntegerParser": "int", "BooleanParser": "bool"}
LISTS = {"ListParser": "commas", "WhitespaceSeparatedListParser": "words"}


def install(watch: Any, reply: Any) -> None:
    """Change absl's container of flags."""
    root = str(Path.cwd())

    def change(module: Any) -> None:
        read = module.FlagValues.__call__

        def dump(flags: Any, argv: Any, *args: Any, **keywords: Any) -> Any:
            own = own_flags(flags, root)
            found = [definition(flags, one) for one in own]
            found += [inner for one in own for inner in config_dicts.overrides(one)]
            if list(argv) == sys.argv:
                reply(
                    "absl",
                    found,
                    style=values.JOINED,
                    found_by="by asking a copy of the program for its absl flags",
                )
            return read(flags, argv, *args, **keywords)

        module.FlagValues.__call__ = dump

    watch("absl.flags._flagvalues", change)


def own_flags(flags: Any, root: str) -> list[Any]:
    """Return the flags that modules of the project define, not those of libraries."""
    found: dict[str, Any] = {}
    for name, defined in flags.flags_by_module_dict().items():
        module = sys.modules.get(name)
        file = str(getattr(module, "__file__", None) or "")
        is_own = module is config_dicts or not file or file.startswith(root)
        if module is None or is_own:
            found.update((one.name, one) for one in defined if not is_alias(one))
    return list(found.values())


def is_alias(one: Any) -> bool:
    """Return whether a flag stands for another one, as ``DEFINE_alias`` makes them."""
    return any(kind.__name__ == "_FlagAlias" for kind in type(one).__mro__)


def names_of(flags: Any, one: Any) -> list[str]:
    """Return the other names of a flag: its letter, and the flags that stand for it."""
    text = f"Alias for --{one.name}."
    defined = (flags[name] for name in flags)
    found = [other.name for other in defined if is_alias(other) and other.help == text]
    return [*filter(None, [one.short_name]), *dict.fromkeys(found)]


def helped(one: Any) -> str:
    """Return the help of a flag, without what absl adds to it."""
    found = re.sub(r"\A<[^>]*>: ", "", str(one.help or ""))
    found = re.sub(r"\s*;\s*repeat this option to specify a list of values\s*\Z", "", found)
    return "" if found == "(no help available)" else found


def definition(flags: Any, one: Any) -> dict[str, Any]:
    """Return a flag of absl as a flag."""
    kinds = [kind.__name__ for kind in type(one.parser).__mro__]
    found = {
        "name": one.name,
        "option": f"--{one.name}",
        "aliases": names_of(flags, one),
        "help": helped(one),
        "default": one.default,
        "is_required": one.default is None and is_required(flags, one.name),
    }
    if one.boolean:
        switches = {"switch_on": f"--{one.name}", "switch_off": f"--no{one.name}"}
        return {**found, **switches, "type": "bool"}
    plain = next((PLAIN[kind] for kind in kinds if kind in PLAIN), "")
    form = next((LISTS[kind] for kind in kinds if kind in LISTS), "")
    choices = list(getattr(one.parser, "enum_values", None) or ())
    texts = converters.GUESSED
    if not plain and not form and not choices and kinds[0] != "ArgumentParser":
        texts = converters.spelling(one.parser.parse)
    default, is_computed = converters.default_of(one.parser.parse, one.default)
    return {
        **found,
        "type": plain or ("any" if form else "text"),
        "default": default,
        "is_computed": is_computed,
        "choices": choices,
        "is_repeated": bool(one.allow_override is False and hasattr(one, "append"))
        or is_multi(one),
        "spelling": {**texts, "form": form or "words"},
    }


def is_multi(one: Any) -> bool:
    """Return whether each use of a flag adds a value."""
    return any(kind.__name__ == "MultiFlag" for kind in type(one).__mro__)


def is_required(flags: Any, name: str) -> bool:
    """Return whether absl refuses that the flag is None."""
    validators = getattr(flags[name], "validators", ())
    messages = [str(getattr(one, "message", "")) for one in validators]
    return any("must have a value other than None" in text for text in messages)
