"""A search without a script: its trials are run by whoever asks for them."""

import os
import time
import uuid
from pathlib import Path

from tunesmith.batch import BatchSpec
from tunesmith.errors import SpecificationError
from tunesmith.program import Program, ProgramKind
from tunesmith.request.specification import UNKNOWN, Origin, Script, specify
from tunesmith.request.sweep_request import SweepRequest

NAME = "search"
"""What its trials are called, unless they get another name."""


def new_search(request: SweepRequest, folder: Path) -> BatchSpec:
    """Return the specification of a search without a script; nothing is written.

    Args:
        request: Its flags and options.
        folder: The folder that it belongs to, absolute.

    Raises:
        FlagError: A value cannot be read.
        SpecificationError: An option does not fit, or nothing is searched.
    """
    program = Program(kind=ProgramKind.NONE)
    name = request.name or NAME
    script = Script(project=folder, path=NAME, flags=UNKNOWN, program=program)
    origin = Origin(id=uuid.uuid4().hex, now=time.time(), seed=int.from_bytes(os.urandom(4)))
    spec = specify(request, script, (), origin)
    if spec.is_single:
        raise SpecificationError(
            f"{name} has nothing to search: give a range or a list, as in x=[0.0:1.0]"
        )
    return spec
