"""A command that the toy engine runs, or says ``by itself``: ``python toy_client.py run WHAT``.

``NARROWED`` in the environment changes first what it hands on.
"""

import json
import os
import resource
import signal
import sys
from pathlib import Path

from tunesmith.engine import caller
from tunesmith.engine.client import call_engine
from tunesmith.engine.surroundings import surroundings


def narrow() -> None:
    """Change what this process hands on to the one that stands for it."""
    os.umask(0o027)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 200), hard))
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
    os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
    os.nice(3)


def take_on(groups: str, control_group: str) -> int:
    """Return 0 where this process takes a control group on, 7 where it cannot."""
    caller.GROUPS = Path(groups)
    here = surroundings([], identity="")
    like = caller.Caller(**{**here, "control_group": control_group})
    try:
        like.take_on(folder=os.open(".", os.O_RDONLY), streams=[], alive=os.pipe()[0])
    except caller.CannotTakeOnError:
        return 7
    print(os.getpid())
    return 0


def main() -> int:
    """Return the exit code of the command."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # also where the tests run behind nohup
    if os.environ.get("NARROWED"):
        narrow()
    if sys.argv[2] == "take-on":
        return take_on(sys.argv[3], sys.argv[4])
    if sys.argv[2:] == ["facts", "here"]:
        sys.path.insert(0, str(Path(__file__).parents[2]))
        from tests.engine.toy_engine import facts

        del sys.path[0]
        print(json.dumps(facts()))
        return 0
    code = call_engine(sys.argv[1:])
    if code is None:
        print("by itself", os.environ.get("UNFIT", ""))
        return 99
    return code


if __name__ == "__main__":
    sys.exit(main())
