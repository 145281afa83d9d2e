"""What is wrong with a trial's own directory is that trial's failure, and the next one runs."""

import builtins
import errno
import io
import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.executor.attempt import publish_attempt
from tunesmith.trial import PlannedTrial, TrialStatus, trial_id

EVENTS = (
    "import struct\n"
    "event = bytes.fromhex('09000000000000f03f10032a0d0a0b0a046c6f73731500004040')\n"
    "record = struct.pack('<Q4x', len(event)) + event + bytes(4)\n"
    "os.makedirs('logs')\nopen('logs/events.out.tfevents.1', 'wb').write(record)\n"
)
"""Writes loss 3.0 at step 3."""
FAILING = f"import os\nx = 1\nprint('acc:', x)\n{EVENTS}open('.netrc')\n"
"""Reads a file that only its project has."""
CALLS = ("open", "scandir", "mkdir", "unlink", "rename", "replace", "stat", "lstat", "chmod")
ERRORS = (errno.EACCES, errno.EDQUOT, errno.EIO, errno.ENOSPC, errno.ENOTDIR, errno.ENOENT)


def planned(number: int = 1) -> PlannedTrial:
    return PlannedTrial(number=number, flags={"x": 5}, origin="grid")


@contextmanager
def failing_call(folder: Path, nth: int, error: int) -> Iterator[None]:
    """Have the nth call of the operating system for something in a folder fail."""
    n_left = iter(range(nth, -(10**6), -1))

    def wrapped(call: Callable[..., Any]) -> Callable[..., Any]:
        def fail_or_call(*arguments: Any, **options: Any) -> Any:
            if _is_below(folder, arguments[0], options.get("dir_fd")) and next(n_left) == 0:
                raise OSError(error, os.strerror(error), arguments[0])
            return call(*arguments, **options)

        return fail_or_call

    places = [(os, name) for name in CALLS] + [(io, "open"), (builtins, "open")]
    with pytest.MonkeyPatch.context() as patch:
        for module, name in places:
            patch.setattr(module, name, wrapped(getattr(module, name)))
        yield


def _is_below(folder: Path, place: object, descriptor: int | None) -> bool:
    if descriptor is not None:
        place = Path(f"/proc/self/fd/{descriptor}").readlink() / str(place)
    return isinstance(place, str | Path) and str(place).startswith(str(folder))


def test_no_error_of_its_directory_leaves_an_attempt(make_work: Any) -> None:
    work = make_work(FAILING)
    (Path(work.spec.project) / ".netrc").touch()
    numbers = itertools.count(1)

    @settings(deadline=None, max_examples=40)
    @given(st.integers(0, 60), st.sampled_from(ERRORS))
    def law(nth: int, error: int) -> None:
        number = next(numbers)
        directory = work.store.layout.trial_directory(work.spec.id, trial_id(work.spec.id, number))
        with failing_call(directory, nth, error):
            record = publish_attempt(work, planned(number))
        assert record.status is TrialStatus.ERROR
        assert record.reason or record.exit_code == 1

    law()


ODD = {
    "is removed": "remove()",
    "is a file": "remove(); open(run, 'w').close()",
    "is a pipe": "remove(); os.mkfifo(run)",
    "is shut": "os.chmod(run, 0)",
    "has shut records": "os.chmod('.run', 0)",
    "has a loop": "os.symlink('.', 'loop'); os.symlink('self', 'self')",
    "has a pipe for output": "os.remove('.run/output'); os.mkfifo('.run/output')",
    "has a folder for output": "os.remove('.run/output'); os.mkdir('.run/output')",
    "has a pipe for a note": "os.remove('.run/started.json'); os.mkfifo('.run/started.json')",
    "has a folder for a note": "os.remove('.run/started.json'); os.mkdir('.run/started.json')",
    "has events in a pipe": "os.mkfifo('events.out.tfevents.pipe')",
    "has events that cannot be read": "os.symlink('/proc/self/mem', 'events.out.tfevents.mem')",
    "has events of no end": "os.symlink('/dev/zero', 'events.out.tfevents.zero')",
    "has events beyond memory": (
        "f = open('events.out.tfevents.huge', 'wb'); f.write(b'\\xff' * 7 + bytes(5)); "
        "f.truncate(2**40)"
    ),
    "is too deep": "[(os.mkdir('d' * 200), os.chdir('d' * 200)) for _ in range(40)]",
    "has a name that is not UTF-8": "os.mkdir(b'caf\\xe9')",
    "names a path that is too long": (
        "print(\"No such file or directory: '\" + 'y' * 9000 + \"'\", flush=True)"
    ),
}
"""What a script may make of its directory, by the state that it is in then."""


def test_an_odd_directory_keeps_neither_its_record_nor_the_next_attempt(make_work: Any) -> None:
    lines = [f"    {name!r}: {text!r},\n" for name, text in ODD.items()]
    work = make_work(
        f"import os, shutil, sys\nx = ''\nrun = os.environ['RUN_DIR']\n"
        "def remove():\n    os.chdir('/')\n"
        "    shutil.rmtree(run) if os.path.isdir(run) else os.remove(run)\n"
        f"what = {{\n"
        f"{''.join(lines)}}}\nfor name in filter(None, x.split(',')):\n"
        "    try:\n        exec(what[name])\n    except OSError:\n        pass\n"
        "print('loss: 1', flush=True)\nsys.exit('is shut' in x)\n"
    )
    numbers = itertools.count(1)

    @settings(deadline=None, max_examples=20)
    @given(st.lists(st.sampled_from(sorted(ODD)), min_size=1, max_size=3, unique=True))
    def law(states: list[str]) -> None:
        number = next(numbers)
        odd = PlannedTrial(number=number, flags={"x": ",".join(states)}, origin="grid")
        record = publish_attempt(work, odd)
        assert record.exit_code == ("is shut" in states)
        assert record.objective == 1.0
        again = publish_attempt(work, PlannedTrial(number=number, flags={"x": ""}, origin="grid"))
        assert again.status is TrialStatus.COMPLETED

    law()


@pytest.mark.tools
def test_output_for_which_there_is_no_room_is_the_failure_of_its_trial(
    make_work: Any, tmp_path: Path, small_disk: Path
) -> None:
    (tmp_path / ".tunesmith").mkdir()
    (tmp_path / ".tunesmith" / "trials").symlink_to(small_disk)
    work = make_work("x = 1\nprint('loss:', x, flush=True)\nprint('y' * 10**6 * (x == 5))\n")

    record = publish_attempt(work, planned())

    assert record.status is TrialStatus.ERROR
    assert "the disk is full" in record.reason
    assert "free some space on" in record.reason
    assert record.objective == 5.0
    assert work.store.records(work.spec.id).records == (record,)
