"""``tunesmith config``: what a sweep would be run with, and where each value comes from."""

import os
from typing import Any, NamedTuple

import click

from tunesmith.cli import console
from tunesmith.cli.options.completers import complete_arguments
from tunesmith.cli.options.request_options import request_options
from tunesmith.cli.sections import SectionedCommand
from tunesmith.cli.text.rendering import render_columns
from tunesmith.flags.assignments import Assignment
from tunesmith.flags.display import format_setting, format_value
from tunesmith.flags.secret_names import is_secret_name
from tunesmith.flags.secret_values import MASK
from tunesmith.request.option import Door, Option
from tunesmith.request.options import OPTIONS, read_options
from tunesmith.request.reading import read_arguments
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.sweeps.opening import Layer, resolve
from tunesmith.sweeps.writing import plain_value

DEFAULT = "default"
"""Where a value comes from that nothing sets."""


class Value(NamedTuple):
    """What one option is set to."""

    name: str
    value: Any
    """As JSON has it; None where nothing sets it."""
    shown: str
    place: str
    """Where it is set."""


@click.command(cls=SectionedCommand)
@click.argument("script", required=False, shell_complete=complete_arguments)
@click.argument(
    "arguments", nargs=-1, metavar="[NAME=VALUE]...", shell_complete=complete_arguments
)
@request_options(Door.RUN)
@console.json_option("the options")
def config(**options: Any) -> int:
    """Show each option with its value, and where it comes from.

    SCRIPT, which may be a sweep file, and options are taken as by tunesmith run, which come before
    the file; the file comes before [tool.tunesmith] in the project's pyproject.toml.
    """
    script, words = options["script"], options["arguments"]
    if script is not None and "=" in script:
        script, words = None, (script, *words)
    request = SweepRequest(
        script=script,
        **read_arguments(words),
        **read_options(options),
    )
    resolved = resolve(request, environ=os.environ)
    for note in resolved.notes:
        console.say(f"note: {note}")
    set_options = [_value(one, resolved.layers) for one in OPTIONS if Door.RUN in one.doors]
    flags = _flags(resolved.layers)
    rows = [[one.name, one.shown, one.place] for one in (*set_options, *flags)]
    text = render_columns([["option", "value", "from"], *rows])
    console.answer(text, {"options": _to_plain(set_options), "flags": _to_plain(flags)})
    return 0


def _flags(layers: tuple[Layer, ...]) -> list[Value]:
    """Return each flag that is set, with the text or the setting that counts."""
    found: dict[str, Value] = {}
    for layer in layers:
        for one in reversed(layer.request.flags or ()):
            text = one.text if isinstance(one, Assignment) else format_setting(one.setting)
            shown = MASK if is_secret_name(one.name) else text
            found.setdefault(one.name, Value(one.name, shown, shown, layer.place))
    return list(found.values())


def _to_plain(values: list[Value]) -> dict[str, Any]:
    return {one.name: {"value": one.value, "from": one.place} for one in values}


def _value(option: Option, layers: tuple[Layer, ...]) -> Value:
    for layer in layers:
        request = layer.request
        found = getattr(request, option.name)
        search = request.default_optimizer
        if found is None and option.name == "optimizer" and search is not None:
            place = f"{layer.place}, for ranges"
            return Value(option.name, search.name, search.name, place)
        if found is not None:
            plain = plain_value(option, found)
            return Value(option.name, plain, _shown(plain), layer.place)
        if option.name in ("minimize", "maximize") and request.objective is not None:
            break  # the other one is named here
        if option.name == "optimizer_flags" and (request.optimizer or search):
            break  # they are of another optimizer
    return Value(option.name, None, option.default, DEFAULT)


def _shown(plain: Any) -> str:
    if isinstance(plain, dict):
        return " ".join(f"{name}={format_value(one)}" for name, one in plain.items())
    if isinstance(plain, list):
        return ", ".join(map(str, plain))
    return format_value(plain)
