"""The command ``tunesmith``: its table of commands, and what becomes of an error.

``--help`` has to be instant, so nothing but click and the error tree is imported here.
"""

import os
import sys
from collections.abc import Callable, Sequence

import click

from tunesmith.cli import console
from tunesmith.cli.groups import LazyGroup
from tunesmith.errors import TunesmithError, UsageError
from tunesmith.version import VERSION

PROGRAM = "tunesmith"
COMPLETION_VARIABLE = "_TUNESMITH_COMPLETE"
"""What the shell's completion script sets when it asks for words."""
MAX_ERROR = 1000
"""Characters of an error that is shown whole."""
INTERRUPTED = 130
"""The exit code of a command that Ctrl-C ended, as shells have it."""

COMMANDS = {
    "Run and stop": {
        "run": (".running.run:run", "Run a script once, or many times with different flags."),
        "stop": (".organizing.stop:stop", "Stop running batches, runs and trials."),
    },
    "Look at results": {
        "runs": (".looking.runs:runs", "List runs; show, delete, restore or purge them."),
        "compare": (".looking.compare:compare", "Compare runs: a live view, a table, CSV."),
        "plot": (".looking.plot:plot", "Draw a batch's results in the terminal."),
        "report": (".looking.report:report", "Write a batch's report: HTML and Markdown."),
        "tensorboard": (".looking.tensorboard:tensorboard", "Show runs in TensorBoard."),
        "watch": (".looking.watch:watch", "Follow the output of a run."),
        "cat": (".looking.cat:cat", "Print the output or a file of a run."),
        "open": (".looking.open:open_", "Open a run's folder."),
        "diff": (".looking.diff:diff", "Show how two runs differ."),
    },
    "Organize runs": {
        "label": (".organizing.label:label", "Set or clear the label of runs."),
        "tag": (".organizing.tag:tag", "Add tags to runs, or remove them."),
        "export": (".organizing.export:export", "Write runs into an archive."),
        "import": (".organizing.import_:import_", "Take the runs of an archive into the store."),
    },
    "Schedule and serve": {
        "deploy": (".serving.deploy:deploy", "Put a sweep on a schedule."),
        "serve": (".serving.serve:serve", "Run the sweeps that are due, on this machine."),
        "worker": (".serving.worker:worker", "Run trials that batches elsewhere send."),
        "server": (".serving.server:server", "The Prefect server that shows batches."),
    },
    "Set up": {
        "completion": (".shell.completion:completion", "Print a completion script."),
    },
}
"""The commands under the headings of ``--help``: its module, and its short help."""


@click.group(
    cls=LazyGroup,
    sections=COMMANDS,
    invoke_without_command=True,
    params=console.shared_options(),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(VERSION, prog_name=PROGRAM)
@click.pass_context
def group(ctx: click.Context) -> None:
    """Find good hyperparameters for a script that you did not change."""
    if ctx.invoked_subcommand is None:
        console.answer(ctx.get_help())


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; no exception leaves it."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    # click takes its list apart
    return guarded(lambda: _run(list(arguments)), is_traced=_is_debugging(arguments))


def guarded(call: Callable[[], int], *, is_traced: bool) -> int:
    """Return the exit code of a call; what it raises is said in one line.

    Args:
        call: Returns an exit code.
        is_traced: Whether tracebacks are wanted.
    """
    try:
        return call()
    except click.exceptions.Exit as ending:
        return ending.exit_code
    except BrokenPipeError:
        return _end_quietly()
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except (TunesmithError, click.ClickException) as error:
        return _report(error, is_traced=is_traced)
    except Exception as error:  # noqa: BLE001 - the border: what is unknown is our bug, in one line
        return _report_bug(error, is_traced=is_traced)


def _run(arguments: list[str]) -> int:
    instruction = os.environ.get(COMPLETION_VARIABLE)
    if instruction:
        from tunesmith.cli.shell.completion import complete  # only when a shell asks

        return complete(group, instruction)
    _check_text(arguments)
    with group.make_context(PROGRAM, arguments) as ctx:
        code = group.invoke(ctx)
    return code if isinstance(code, int) else 0


def _check_text(arguments: list[str]) -> None:
    """Refuse bytes that are no text: neither JSON nor the index can keep them.

    Raises:
        UsageError: An argument is not UTF-8.
    """
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError as error:
            shown = argument.encode(errors="backslashreplace").decode()
            raise UsageError(
                f"the argument '{shown}' is not UTF-8 text: write it in UTF-8"
            ) from error


def _is_debugging(arguments: list[str]) -> bool:
    """Return whether tracebacks are wanted; what follows ``--`` is the script's own."""
    own = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--debug" in own or os.environ.get("TUNESMITH_DEBUG", "0") not in ("", "0")


def _report(error: TunesmithError | click.ClickException, *, is_traced: bool) -> int:
    """Say an error that the user can mend, and return its exit code."""
    if is_traced:
        _print_traceback(error)
    if isinstance(error, TunesmithError):
        console.say(f"error: {_on_a_line(str(error))}")
        return error.exit_code
    console.say(f"error: {_on_a_line(' '.join(error.format_message().split()))}")
    if isinstance(error, click.UsageError) and error.ctx is not None:
        console.say(f"See: {error.ctx.command_path} --help")
    return error.exit_code


def _report_bug(error: Exception, *, is_traced: bool) -> int:
    """Say an error that is ours."""
    if is_traced:
        _print_traceback(error)
    what = _on_a_line(" ".join(f"{type(error).__name__}: {error}".split()))
    hint = "" if is_traced else ": run with --debug for the traceback"
    console.say(f"error: internal error: {what}; this is a bug{hint}")
    return 1


def _on_a_line(text: str) -> str:
    """Return an error's text without control characters; a long one by its start and its end."""
    from tunesmith.flags.display import shortened  # only for an error
    from tunesmith.query.cells import one_line

    return one_line(shortened(text, most=MAX_ERROR))


def _print_traceback(error: BaseException) -> None:
    import traceback  # only for an error

    traceback.print_exception(error, file=sys.stderr)


def _end_quietly() -> int:
    """End because whoever read stdout has read enough, as ``head`` does."""
    try:
        with open(os.devnull, "wb") as nothing:  # noqa: PTH123 - pathlib costs start-up time
            os.dup2(nothing.fileno(), sys.stdout.fileno())  # or the last flush fails at exit
    except (OSError, ValueError):  # stdout has no descriptor
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
