"""The request that a command line of ``tunesmith run`` makes; nothing runs."""

from tunesmith.cli.main import group
from tunesmith.cli.options.run_options import RunOptions
from tunesmith.cli.running.run import run
from tunesmith.request.sweep_request import SweepRequest


def requested(*arguments: str) -> SweepRequest:
    """Return the request that a command line makes."""
    context = run.make_context("run", list(arguments), **group.context_settings)
    extra = context.meta.get("extra_arguments", ())
    return RunOptions.from_options(context.params, extra_arguments=extra).request
