"""The command that a report gives for a batch asks for the same batch."""

import shlex
from dataclasses import replace

import pytest

from tests.cli.running.typed import requested
from tests.request.samples import ORIGIN, SCRIPT, text_of
from tunesmith.batch import BatchSpec
from tunesmith.query.commands import batch_command
from tunesmith.request.option import Door, Option
from tunesmith.request.options import options_of, read_options
from tunesmith.request.specification import specify
from tunesmith.request.sweep_request import SweepRequest

NAMES = ("label", "tags")
"""What runs are called, which another batch is called anew."""
ASKED = [option for option in options_of(Door.RUN) if option.name not in NAMES]


def new(request: SweepRequest) -> BatchSpec:
    return specify(request, SCRIPT, (), ORIGIN)


@pytest.mark.parametrize("option", ASKED, ids=lambda option: option.name)
def test_the_command_that_runs_a_batch_again_asks_for_all_that_was_asked(option: Option) -> None:
    plain = requested("train.py", "x=[-2.0:2.0]", "-o", "gp", "-m", "20")
    spec = new(replace(plain, **read_options({option.name: text_of(option)})))

    program, command, *words = shlex.split(batch_command(spec) or "")

    again = new(requested(*words))
    assert (program, command) == ("tunesmith", "run")
    assert replace(again, objective_named_in=spec.objective_named_in) == spec
