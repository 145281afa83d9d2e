"""A script's flags as plain JSON, for the store and for the reply of a captured parser."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from tunesmith.flags.definition import (
    FlagDefinition,
    FlagSource,
    FlagStyle,
    FlagType,
    ScriptFlags,
)
from tunesmith.flags.spelling import Spelling, TextForm
from tunesmith.flags.values import from_plain, to_plain


def script_flags_to_plain(script_flags: ScriptFlags) -> dict[str, Any]:
    """Return a script's flags as what ``json.dumps`` takes."""
    return {
        "source": str(script_flags.source),
        "definitions": [_to_plain(flag) for flag in script_flags.definitions],
        "unlisted": [_to_plain(flag) for flag in script_flags.unlisted],
        "style": str(script_flags.style),
        "subcommands": {
            name: script_flags_to_plain(flags) for name, flags in script_flags.subcommands.items()
        },
        "other_words": list(script_flags.other_words),
        "runs_alone": script_flags.runs_alone,
        "subcommand": list(script_flags.subcommand),
        "is_open": script_flags.is_open,
        "found_by": script_flags.found_by,
    }


def script_flags_from_plain(plain: Mapping[str, Any]) -> ScriptFlags:
    """Return the flags that ``script_flags_to_plain`` wrote; missing fields have their defaults.

    Raises:
        FlagError, KeyError, TypeError, ValueError: The JSON has another form.
    """
    return ScriptFlags(
        source=FlagSource(plain["source"]),
        definitions=tuple(_definition(fields) for fields in plain["definitions"]),
        unlisted=tuple(_definition(fields) for fields in plain.get("unlisted", ())),
        style=FlagStyle(plain.get("style", FlagStyle.SPACED)),
        subcommands=_subcommands(plain.get("subcommands", ()), FlagSource(plain["source"])),
        other_words=tuple(plain.get("other_words", ())),
        runs_alone=bool(plain.get("runs_alone", False)),
        subcommand=tuple(plain.get("subcommand", ())),
        is_open=bool(plain.get("is_open", False)),
        found_by=plain.get("found_by", ""),
    )


def _subcommands(plain: Any, source: FlagSource) -> dict[str, ScriptFlags]:
    """Return the flags of subcommands, of which earlier versions wrote the names alone."""
    if not isinstance(plain, Mapping):
        return {str(name): ScriptFlags(source=source, definitions=()) for name in plain}
    return {name: script_flags_from_plain(flags) for name, flags in plain.items()}


def _to_plain(flag: FlagDefinition) -> dict[str, Any]:
    plain = dataclasses.asdict(flag)
    plain["default"] = to_plain(flag.default)
    plain["choices"] = [to_plain(choice) for choice in flag.choices]
    return plain


def _definition(fields: Mapping[str, Any]) -> FlagDefinition:
    values = dict(fields)
    values["type"] = FlagType(values["type"])
    values["default"] = from_plain(values["default"])
    values["choices"] = tuple(from_plain(choice) for choice in values.get("choices", ()))
    values["aliases"] = tuple(values.get("aliases", ()))
    if values.get("spelling") is not None:
        spelling = values["spelling"]
        values["spelling"] = Spelling(**{**spelling, "form": TextForm(spelling["form"])})
    return FlagDefinition(**values)
