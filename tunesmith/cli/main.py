"""The command ``tunesmith``: its table of commands, and how errors are reported.

``--help`` has to be instant, so nothing but click and the error tree is imported here.
"""

import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import NamedTuple

import click

from tunesmith.cli import console
from tunesmith.cli.groups import LazyGroup
from tunesmith.errors import TunesmithError, UsageError
from tunesmith.version import VERSION

PROGRAM = "tunesmith"
COMPLETION_VARIABLE = "_TUNESMITH_COMPLETE"
"""The environment variable by which a shell's completion script asks for words."""
MAX_ERROR = 1000
"""The longest error that is shown in full, in characters."""
INTERRUPTED = 130
"""The exit code of a command that Ctrl-C ended: 128 + SIGINT, as in shells."""

COMMANDS = {
    "Run and stop": {
        "run": (".running.run:run", "Run a script once, or search its hyperparameters."),
        "queue": (".running.change:queue", "Put a trial into a search, in front of others."),
        "change": (".running.change:change", "Change what a running search does."),
        "suggest": (".running.suggest:suggest", "Ask a search for trials to run by yourself."),
        "observe": (".running.observe:observe", "Tell a search what came of such a trial."),
        "stop": (".organizing.stop:stop", "Stop running batches, runs and trials."),
    },
    "Look at results": {
        "runs": (".looking.runs:runs", "List runs; show, delete, restore or purge them."),
        "compare": (".looking.compare:compare", "Compare runs in a live view, a table or CSV."),
        "plot": (".looking.plot:plot", "Plot a batch's results in the terminal."),
        "report": (".looking.report:report", "Write the report of a batch as HTML and Markdown."),
        "tensorboard": (".looking.tensorboard:tensorboard", "Show runs in TensorBoard."),
        "watch": (".looking.watch:watch", "Follow the output of a run."),
        "cat": (".looking.cat:cat", "Print the output or a file of a run."),
        "open": (".looking.open:open_", "Open a run's folder."),
        "diff": (".looking.diff:diff", "Show how two runs differ."),
    },
    "Organize runs": {
        "label": (".organizing.label:label", "Set or clear the label of runs."),
        "tag": (".organizing.tag:tag", "Add or remove tags of runs."),
        "export": (".organizing.export:export", "Export runs to an archive."),
        "import": (".organizing.import_:import_", "Import runs from archives."),
    },
    "Schedule and serve": {
        "deploy": (".serving.deploy:deploy", "Run a sweep on a schedule."),
        "serve": (".serving.serve:serve", "Run scheduled sweeps on this machine."),
        "worker": (".serving.worker:worker", "Run trials of batches on other machines."),
        "server": (".serving.server:server", "Start, stop or open the Prefect server."),
    },
    "Set up": {
        "config": (".running.config:config", "Show each option, and where its value comes from."),
        "completion": (".shell.completion:completion", "Print a shell's completion script."),
    },
}
"""The commands under the headings of ``--help``: the module and the short help of each."""


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
    """Find good hyperparameters for a script without changing it."""
    if ctx.invoked_subcommand is None:
        console.answer(ctx.get_help())


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; no exception leaves it."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    # what follows -- belongs to the script
    own = arguments[: arguments.index("--")] if "--" in arguments else arguments
    is_traced = "--debug" in own or os.environ.get("TUNESMITH_DEBUG", "0") not in ("", "0")
    return guarded(lambda: _run(arguments), is_traced=is_traced, is_json="--json" in own)


def guarded(call: Callable[[], int], *, is_traced: bool, is_json: bool = False) -> int:
    """Return the exit code of a call; an exception is reported in one line.

    Args:
        call: Returns an exit code.
        is_traced: Whether to print the traceback as well.
        is_json: Whether to print the error as JSON on stdout as well.
    """
    try:
        return call()
    except click.exceptions.Exit as ending:
        return ending.exit_code
    except BrokenPipeError:
        return _end_quietly()
    except (KeyboardInterrupt, click.Abort):
        console.end_line()
        failure = _Failure("interrupted", hint="", exit_code=INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - the top level: an unknown error is a bug of ours
        if is_traced:
            _print_traceback(error)
        failure = _explain(error, is_traced=is_traced)
        console.say(f"error: {failure.text}")
        if failure.see:
            console.say(f"See: {failure.see}")
    if is_json:
        return _answer(failure)
    return failure.exit_code


def _run(arguments: list[str]) -> int:
    instruction = os.environ.get(COMPLETION_VARIABLE)
    if instruction:
        from tunesmith.cli.shell.completion import complete  # needed for completion only

        return complete(group, instruction)
    _check_text(arguments)
    try:
        with group.make_context(PROGRAM, list(arguments)) as ctx:  # click takes its list apart
            code = group.invoke(ctx)
    except click.NoSuchOption as error:
        from tunesmith.cli.options.unknown_option import explained  # needed for an error only

        raise explained(error, arguments) from error
    return code if isinstance(code, int) else 0


def _check_text(arguments: list[str]) -> None:
    """Refuse arguments that are not UTF-8: neither JSON nor the index can store them.

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


class _Failure(NamedTuple):
    """What is printed of an exception."""

    text: str
    exit_code: int
    hint: str
    """What to do about it; empty where the text does not say."""
    see: str = ""
    """The command that prints more about it; empty for none."""


def _explain(error: Exception, *, is_traced: bool) -> _Failure:
    """Return what to print of an exception: a mistake, what the system refused, or our bug."""
    if not isinstance(error, TunesmithError | click.ClickException):
        from tunesmith.cli.refusals import refusal  # needed for an error only

        error = refusal(error) or error
    if isinstance(error, TunesmithError):
        text = _on_a_line(str(error))
        return _Failure(text, error.exit_code, hint=_mend(text))
    if isinstance(error, click.ClickException):
        text = _on_a_line(" ".join(error.format_message().split()))
        ctx = getattr(error, "ctx", None)
        see = "" if ctx is None else f"{ctx.command_path} --help"
        return _Failure(text, error.exit_code, hint=_mend(text) or see, see=see)
    what = _on_a_line(" ".join(f"{type(error).__name__}: {error}".split()))
    hint = "" if is_traced else "run with --debug for the traceback"
    text = f"internal error: {what}; this is a bug{hint and f': {hint}'}"
    return _Failure(text, 1, hint=hint)


def _mend(text: str) -> str:
    """Return what a message says to do: by custom after its first sentence, or its last colon."""
    sentences = re.split(r"\. (?=[A-Z])", text, maxsplit=1)
    if len(sentences) > 1:
        return sentences[1]
    return text.rpartition(": ")[2] if ": " in text else ""


def _answer(failure: _Failure) -> int:
    """Print a failure as JSON on stdout, and return its exit code."""
    try:
        console.answer_json(
            {"error": failure.text, "hint": failure.hint or None, "exit": failure.exit_code}
        )
    except BrokenPipeError:
        _end_quietly()
    return failure.exit_code


def _on_a_line(text: str) -> str:
    """Return an error's text without control characters, and with its middle cut if it is long."""
    from tunesmith.flags.display import shortened  # needed for an error only
    from tunesmith.query.cells import one_line

    return one_line(shortened(text, most=MAX_ERROR))


def _print_traceback(error: BaseException) -> None:
    import traceback  # needed for an error only

    traceback.print_exception(error, file=sys.stderr)


def _end_quietly() -> int:
    """End quietly because the reader of stdout, such as ``head``, has closed it."""
    try:
        with open(os.devnull, "wb") as nothing:  # noqa: PTH123 - pathlib costs start-up time
            os.dup2(nothing.fileno(), sys.stdout.fileno())  # else the flush at exit fails
    except (OSError, ValueError):  # stdout has no descriptor
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
