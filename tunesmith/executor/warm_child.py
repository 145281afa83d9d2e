"""Imports what a script imports, then forks a process for each trial: standard library only.

Started by path with the user's interpreter; the argument is the descriptor of a socket. The first
message brings a plan, to which the answer is why nothing can be forked here, or nothing. Each one
after it brings three descriptors: a request, the pipe for the output, and a socket that belongs to
the trial. The trial writes ``+PID`` to it once it has a session of its own, this process ``=`` at
the trial's end, and, when that is answered, its status and what it used.

This process imports and never computes: libraries whose threads have worked hang in a fork.
"""

from __future__ import annotations

import ctypes
import gc
import importlib.util
import json
import os
import select
import signal
import socket
import sys
import tempfile
import types
import warnings

POOLS = ("openblas", "mkl", "gomp", "iomp", "blis", "torch", "arrow")
"""Libraries whose idle threads a fork survives, as their files are named."""
OUTPUT_BYTES = 64 * 1024


class ObstacleError(Exception):
    """What keeps this process from serving."""


class Server:
    """Forks a process for each request, and tells of its end."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.pid = os.getpid()
        self.running: dict[int, socket.socket] = {}
        self.ended: dict[socket.socket, int] = {}
        self.wake, self.waker = os.pipe()
        os.set_blocking(self.wake, False)
        os.set_blocking(self.waker, False)
        self.handler = signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.waker)

    def serve(self) -> tuple[dict[str, object], int, socket.socket]:
        """Serve until the socket ends, with the process; return in each child, with its task."""
        while True:
            sources: list[socket.socket | int] = [self.control, self.wake, *self.ended]
            ready, _, _ = select.select(sources, [], [])
            if self.wake in ready:
                os.read(self.wake, 4096)
                self.notice()
            for reply in [one for one in self.ended if one in ready]:
                self.reap(reply)
            if self.control in ready:
                task = self.fork()
                if task is not None:
                    return task

    def fork(self) -> tuple[dict[str, object], int, socket.socket] | None:
        """Take a request and fork; return nothing in this process, the task in the new one."""
        descriptors = receive(self.control)
        if not descriptors:
            self.leave()
        text, writer, number = descriptors
        reply = socket.socket(fileno=number)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of the idle threads of a library
                pid = os.fork()
        except OSError:
            pid = -1
        if pid == 0:
            os.setsid()
            self.forget()
            return read(text), writer, reply
        os.close(text)
        os.close(writer)
        if pid < 0:
            reply.close()  # the end of what it can hear: it starts the trial afresh
        else:
            self.running[pid] = reply
        return None

    def notice(self) -> None:
        """Tell of the children that have ended; their numbers stay theirs for now."""
        for pid, reply in list(self.running.items()):
            if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
                del self.running[pid]
                self.ended[reply] = pid
                send(reply, b"=")

    def reap(self, reply: socket.socket) -> None:
        """Tell what an ended child has used, and give its number back."""
        _, status, usage = os.wait4(self.ended.pop(reply), 0)
        numbers = (status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
        send(reply, " ".join(map(repr, numbers)).encode())
        reply.close()

    def forget(self) -> None:
        """Close what is this process's own, in a child."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, self.handler)
        for one in [self.control, *self.running.values(), *self.ended]:
            one.close()
        os.close(self.wake)
        os.close(self.waker)

    def leave(self) -> None:
        """End this process, and its children with it."""
        for pid in [*self.running, *self.ended.values()]:
            try:
                os.killpg(pid, signal.SIGKILL)
            except OSError:
                pass
        os._exit(0)


class Mark:
    """Room in the environment that the system shows of this process, for the trial's marker.

    What a trial forks is found by it, as what a fresh process forks is found by its environment.
    """

    def __init__(self, variable: str) -> None:
        with open("/proc/self/environ", "rb") as file:
            block = file.read()
        with open("/proc/self/stat") as file:
            start = int(file.read().rpartition(")")[2].split()[47])
        entry = variable + "=" + os.environ.pop(variable, "")
        place = block.find(entry.encode())
        self.size = len(entry)
        self.address = start + place
        if place < 0 or ctypes.string_at(self.address, self.size) != entry.encode():
            raise ObstacleError("the environment that the system shows is not where it should be")

    def write(self, marker: bytes) -> None:
        """Show a marker."""
        ctypes.memmove(self.address, marker.ljust(self.size, b"\0"), self.size)


def receive(control: socket.socket) -> list[int]:
    """Return the descriptors of the next message; none at the socket's end."""
    room = socket.CMSG_SPACE(3 * 4)
    _, ancillary, _, _ = control.recvmsg(64, room, socket.MSG_CMSG_CLOEXEC)
    data = b"".join(part for _, _, part in ancillary)
    return [int.from_bytes(data[n : n + 4], sys.byteorder) for n in range(0, len(data), 4)]


def read(descriptor: int) -> dict[str, object]:
    """Return the JSON that a file holds, and close it."""
    with os.fdopen(descriptor, "rb") as file:
        file.seek(0)
        found: dict[str, object] = json.loads(file.read().decode())
    return found


def send(reply: socket.socket, text: bytes) -> None:
    """Tell whoever waits for a trial, if it is still there."""
    try:
        reply.send(text)
    except OSError:
        pass


def is_installed(name: str, own: list[str]) -> bool:
    """Return whether a module is of the standard library, or installed: not the user's own."""
    top = name.partition(".")[0]
    if top in own:
        return False
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return False
    if spec is None:
        return False
    places = list(spec.submodule_search_locations or []) or [spec.origin or ""]
    return places[0] in ("built-in", "frozen") or is_in_installation(places[0])


def is_in_installation(path: str) -> bool:
    """Return whether a file belongs to the interpreter, or to what is installed for it."""
    library = os.path.dirname(os.__file__) + os.sep
    return path.startswith(library) or any(
        os.sep + folder + os.sep in path for folder in ("site-packages", "dist-packages")
    )


def preload(imports: list[tuple[str, list[str]]], own: list[str]) -> None:
    """Import up to the first module that is not installed: it might change what follows."""
    for name, names in imports:
        if not is_installed(name, own):
            return
        try:
            __import__(name, {}, {}, names, 0)
        except BaseException:  # noqa: BLE001  # the script will hear of it
            return


def check(before: set[str], own: list[str], denied: list[str]) -> None:
    """Look whether this process may be forked.

    Raises:
        ObstacleError: It may not.
    """
    tops = {name.partition(".")[0] for name in sys.modules}
    for name in sorted(tops & set(denied)):
        raise ObstacleError(name + " does not survive a fork")
    for name in sorted(tops & set(own) - {"__main__"}):
        raise ObstacleError("the project's own " + name + " has the name of another module")
    check_modules(before)
    if len(sys._current_frames()) > 1:
        raise ObstacleError("an import starts threads")
    if len(os.listdir("/proc/self/task")) > 1 and not has_pools():
        raise ObstacleError("an import starts threads of the system")
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return
    raise ObstacleError("an import starts processes")


def check_modules(before: set[str]) -> None:
    """Look at what was imported.

    Raises:
        ObstacleError: A module is not installed, or holds what children would share.
    """
    torch = sys.modules.get("torch")
    if torch is not None and getattr(torch, "cuda", None) and torch.cuda.is_initialized():
        raise ObstacleError("an import initializes CUDA")
    for name, module in list(sys.modules.items()):
        place = getattr(module, "__dict__", {}).get("__file__") or ""
        if name not in before and place and not is_in_installation(place):
            raise ObstacleError(name + " is not an installed module")
        if name in before:
            continue
        if any(is_generator(one) for one in list(getattr(module, "__dict__", {}).values())):
            raise ObstacleError(name + " draws random numbers that every trial would share")


def is_generator(value: object) -> bool:
    """Return whether a value is a source of random numbers that reseeding does not reach."""
    random, numpy_random = sys.modules.get("random"), sys.modules.get("numpy.random")
    if random is not None and isinstance(value, random.Random):
        return value is not random._inst and not isinstance(value, random.SystemRandom)
    if numpy_random is not None and isinstance(value, numpy_random.Generator):
        return True
    if numpy_random is not None and isinstance(value, numpy_random.RandomState):
        return value is not numpy_random.mtrand._rand
    return False


def has_pools() -> bool:
    """Return whether a library is loaded that keeps idle threads."""
    with open("/proc/self/maps") as file:
        text = file.read()
    return any(pool in text for pool in POOLS)


def reseed() -> None:
    """Give this process random numbers of its own; the random module does so by itself."""
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        numpy_random.seed()
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.default_generator.seed()


def load_child() -> types.ModuleType:
    """Return what a fresh process does as well."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "child.py")
    module = types.ModuleType("child")
    module.__file__ = path
    with open(path, "rb") as file:
        code = compile(file.read(), path, "exec", dont_inherit=True)
    run = exec
    run(code, module.__dict__)
    return module


class Stage:
    """What a process that is forked begins with."""

    def __init__(self, child: types.ModuleType) -> None:
        self.child = child
        self.has_script_folder = not getattr(sys.flags, "safe_path", False)
        if self.has_script_folder:
            del sys.path[0]  # the folder of this file
        self.folder = os.getcwd()
        self.mark = Mark(child.MARK_VARIABLE)
        self.output = b""

    def prepare(self, plan: dict[str, object]) -> None:
        """Import, and keep what the imports print, which each trial is to print.

        Raises:
            ObstacleError: This process may not be forked.
        """
        before = set(sys.modules)
        own = list(plan["own"])  # type: ignore[call-overload]  # JSON
        with tempfile.TemporaryFile() as file:
            for number in (1, 2):
                os.dup2(file.fileno(), number)
            preload(plan["imports"], own)  # type: ignore[arg-type]  # JSON
            flush()
            self.output = os.pread(file.fileno(), OUTPUT_BYTES, 0)
        with open(os.devnull, "wb") as nothing:
            for number in (1, 2):
                os.dup2(nothing.fileno(), number)
        check(before, own, plan["denied"])  # type: ignore[arg-type]  # JSON
        gc.collect()
        gc.freeze()

    def enter(
        self, server: Server, request: dict[str, object], writer: int, reply: socket.socket
    ) -> None:
        """Become what a fresh process is before its script begins."""
        for number in (1, 2):
            os.dup2(writer, number)
        os.close(writer)
        os.environ.clear()
        os.environ.update(request["environment"])  # type: ignore[call-overload]  # JSON
        os.environ[self.child.PARENT_VARIABLE] = str(server.pid)
        self.child.die_with_parent()
        self.mark.write(os.fsencode(str(request["marker"])))
        send(reply, b"+%d" % os.getpid())
        reply.close()
        folder = str(request["directory"])
        os.chdir(folder)
        reseed()
        sys.argv = ["", *request["argv"]]  # type: ignore[misc]  # JSON
        sys.path[:] = [self.moved(path, folder) for path in sys.path]
        if self.has_script_folder:
            sys.path.insert(0, "")
        left = self.output
        while left:
            left = left[os.write(1, left) :]

    def moved(self, path: str, folder: str) -> str:
        """Return a folder of sys.path, which PYTHONPATH may mean from the working directory."""
        if path == self.folder or path.startswith(self.folder + os.sep):
            return folder + path[len(self.folder) :]
        return path


def flush() -> None:
    """Leave nothing in buffers, which each child would write."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, ValueError, OSError):
            pass
    ctypes.CDLL(None).fflush(None)


def main() -> types.ModuleType:
    """Serve; return in each child, which is ready to become its script."""
    control = socket.socket(fileno=int(sys.argv[1]))
    control.set_inheritable(False)
    child = load_child()
    child.die_with_parent()
    child.hide_own_frames(__file__)
    try:
        stage = Stage(child)
        stage.prepare(read(receive(control)[0]))
    except ObstacleError as error:
        control.send(str(error).encode())
        os._exit(1)
    server = Server(control)
    control.send(b"ready")
    stage.enter(server, *server.serve())
    child.report_peak()
    return child


if __name__ == "__main__":
    main().become(sys.argv[1])
