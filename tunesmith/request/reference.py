"""The reference page of the options: ``python -m tunesmith.request.reference`` prints it."""

import sys

from tunesmith.request.option import Door, Group, Option
from tunesmith.request.options import OPTIONS

_DOORS = {
    Door.RUN: "`run`",
    Door.RESTART: "restart",
    Door.DEPLOY: "`deploy`",
    Door.FORM: "form",
    Door.FIRING: "each run of a deployment",
    Door.PYTHON: "Python",
    Door.FILE: "sweep file",
    Door.PROJECT: "project",
}

HEAD = """\
# Options of a sweep

The same options are taken by `tunesmith run`, by a restart (`run --restart`, `Batch.restart`),
by `tunesmith deploy`, by the form of a deployment in Prefect, by `tunesmith.run`, by a sweep file,
and by `[tool.tunesmith]` in a project's `pyproject.toml`. Each is listed by its name in Python, in
the form and in files, and as it is typed. Where an option cannot be set, it is refused by its
name. What is typed or given by a program counts before a sweep file, and that before the project;
`tunesmith config` shows each value and where it comes from.
"""


def reference() -> str:
    """Return the page, in Markdown: a table of options for each group."""
    return "\n".join([HEAD, *(line for group in Group for line in _section(group))])


def _section(group: Group) -> list[str]:
    rows = [_row(option) for option in OPTIONS if option.group is group]
    head = ["| option | typed | what it is | default | not at |", "|---|---|---|---|---|"]
    return [f"## {group}", "", *head, *rows, ""]


def _row(option: Option) -> str:
    typed = ", ".join(f"`{_typed(one, option)}`" for one in option.spelling)
    choices = (
        f" One of {', '.join(f'`{one}`' for one in option.choices)}." if option.choices else ""
    )
    lacks = ", ".join(words for door, words in _DOORS.items() if door not in option.doors)
    cells = (f"`{option.name}`", typed, option.help + choices, option.default, lacks)
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def _typed(spelling: str, option: Option) -> str:
    if option.bare:
        return f"{spelling}[={option.metavar}]"
    return " ".join([spelling, option.metavar]).strip()


if __name__ == "__main__":
    sys.stdout.write(reference())
