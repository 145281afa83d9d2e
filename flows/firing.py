"""What a firing of a deployment may change: how its script is searched, and not what is run where.

Whoever starts a deployment, from Prefect's form or through its API, may give other parameters
than those it was made with. The folder, the store and the options that do not have the door
``firing`` stay as they were, and so does the place where scripts are looked for.
"""

from collections.abc import Mapping, Sequence
from pathlib import PurePath

from tunesmith.errors import SpecificationError
from tunesmith.flags.assignments import split_argument
from tunesmith.flags.secret_names import is_secret_name
from tunesmith.request.option import Door
from tunesmith.request.options import options_of

FIXED = (
    "folder",
    "home",
    "batch_files",
    *(option.name for option in options_of(Door.FORM) if Door.FIRING not in option.doors),
)
"""The parameters that only ``tunesmith deploy`` sets."""


def check_firing(given: Mapping[str, object], made_with: Mapping[str, object]) -> None:
    """Check the parameters of a firing against those of its deployment.

    Args:
        given: What the firing asks for; what it leaves out is None or missing.
        made_with: What the deployment was made with, likewise.

    Raises:
        SpecificationError: The firing changes what it may not.
    """
    for name in FIXED:
        if (given.get(name) or None) != (made_with.get(name) or None):
            raise SpecificationError(
                f"{name} is {given.get(name)!r}, and the deployment was made for "
                f"{made_with.get(name)!r}: only tunesmith deploy changes it"
            )
    script = PurePath(str(given.get("script")))
    if script.is_absolute() or ".." in script.parts:
        raise SpecificationError(
            f"script is {str(script)!r}: a deployment runs scripts of its own folder, "
            f"{made_with.get('folder')}, by their path within it"
        )


def check_arguments(arguments: Sequence[str]) -> None:
    """Check that Prefect may keep what a deployment is made or fired with, and that it is all.

    Raises:
        SpecificationError: It names a batch file, or sets a secret.
    """
    if any(argument.startswith("@") for argument in arguments):
        raise SpecificationError(
            "a run of a deployment names no batch files: give them to tunesmith deploy"
        )
    for argument in arguments:
        if "=" not in argument:  # a word of a subcommand, or a positional argument
            continue
        name = split_argument(argument).name
        if is_secret_name(name):
            raise SpecificationError(
                f"{name} is a secret by its name, and Prefect keeps and shows what a deployment "
                "is given: let the script take it from the environment of the worker instead"
            )
