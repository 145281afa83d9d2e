"""An engine whose commands say what they have of their caller: ``python toy_engine.py FOLDER``."""

import json
import os
import resource
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from random import random

from tunesmith.engine.client import SOCKET
from tunesmith.engine.forking import Engine, listen
from tunesmith.engine.installation import identity
from tunesmith.engine.letting_go import FINISHING, Fork, asking, is_fork, let_go


def facts() -> dict[str, object]:
    """Return what a process has of the one that it was started by."""
    mask = os.umask(0)
    os.umask(mask)
    return {
        "argv": sys.argv[1:],
        "path": sys.path,
        "environment": dict(os.environ),
        "folder": os.getcwd(),  # noqa: PTH109 - the path as it is
        "umask": mask,
        "limits": resource.getrlimit(resource.RLIMIT_NOFILE),
        "ignored": [int(n) for n in range(1, 32) if signal.getsignal(n) == signal.SIG_IGN],
        "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
        "processors": sorted(os.sched_getaffinity(0)),
        "niceness": os.getpriority(os.PRIO_PROCESS, 0),
        "streams": [
            [s.encoding, s.errors, s.isatty(), s.line_buffering]
            for s in (sys.stdin, sys.stdout, sys.stderr)
        ],
        "clock": time.strftime("%H", time.gmtime(0)) + time.strftime("%H", time.localtime(0)),
    }


def run(arguments: Sequence[str]) -> int:
    """Do what the arguments say."""
    what, *words = arguments[1:]
    if what == "facts":
        print(json.dumps(facts()))
    elif what == "random":
        print(random())
    elif what == "echo":
        print(sys.stdin.read().upper(), end="")
        print("done", file=sys.stderr)
    elif what == "exit":
        return int(words[0])
    elif what == "raise":
        raise SystemExit(int(words[0]))
    elif what == "kill":
        os.kill(os.getpid(), int(words[0]))
    elif what == "let-go":
        print("told", flush=True)
        let_go(5)
        print("unheard", flush=True)
        file = os.open(words[0], os.O_RDONLY)  # a pipe that is not written to: until it is
        os.read(file, 1)
        (Path(words[0]).parent / "went-on").touch()
        return 9
    elif what == "ask":
        return _ask()
    elif what == "wait":
        return _wait()
    return 0


def _ask() -> int:
    size = os.get_terminal_size()
    try:
        with asking():
            print(f"{size.columns} columns?", flush=True)
            line = input()
        print(f"read {line}", flush=True)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
        return 130
    return 0


def _wait() -> int:
    """Print the process, then the name of each signal that comes; end at SIGTERM."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGWINCH)
    signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    print(os.getpid(), flush=True)
    while True:
        number = signal.sigwait(numbers)
        print(signal.Signals(number).name, flush=True)
        if number == signal.SIGTERM:
            return 7


def main() -> int:
    """Serve, or run a command in a fork."""
    place = Path(sys.argv[1]) / SOCKET
    environment = dict(os.environ)
    stale = Path(sys.argv[1]) / "stale"

    def own_identity() -> str:
        return identity(environment) + "stale" * stale.exists()

    with listen(place) as listener:
        print("ready", flush=True)
        engine = Engine(identity=own_identity, fits=lambda: "UNFIT" not in os.environ)
        call = engine.serve(listener)
        if call is None:
            return 0
    finishing = place.with_name(FINISHING)
    is_fork(Fork(connection=call.connection, alive=call.alive, finishing=finishing))
    code = run(call.arguments)
    let_go(code)
    return code


if __name__ == "__main__":
    sys.exit(main())
