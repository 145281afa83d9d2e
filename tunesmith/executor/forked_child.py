"""What a forked process does before its script and after it: standard library only.

Loaded by path, in the user's interpreter, by the warm server.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import os
import socket
import sys
import types
from typing import Any


class Stage:
    """The state that the processes of a batch share, and what a forked one makes of it."""

    def __init__(self, child: types.ModuleType, preload: types.ModuleType) -> None:
        """Take the modules of a fresh process and of the imports."""
        self.child, self.preload = child, preload
        self.folder = os.getcwd()
        self.output = b""
        self.mark_size, self.mark_address = 0, 0
        self.shared: set[str] = set()
        self.owner = 0
        self.code: int | None = None
        atexit.register(self.leave)  # the first one, which is called last

    def prepare(self, plan: dict[str, object]) -> None:
        """Import the modules of a plan, and note what every process needs.

        Raises:
            ObstacleError: This process cannot be forked.
            LookupError: Processes that trials leave behind could not be found.
        """
        self.output = self.preload.prepare(plan)
        self.find_mark()
        self.shared = set(sys.modules)
        gc.collect()
        gc.freeze()

    def find_mark(self) -> None:
        """Find room for a trial's marker in the environment that /proc shows.

        By the marker, processes that a trial forks are found, as for a fresh process.

        Raises:
            LookupError: There is no room.
        """
        variable = self.child.MARK_VARIABLE
        entry = (variable + "=" + os.environ.pop(variable, "")).encode()
        with open("/proc/self/environ", "rb") as file:
            place = file.read().find(entry)
        with open("/proc/self/stat") as file:
            address = int(file.read().rpartition(")")[2].split()[47]) + place
        if place < 0 or ctypes.string_at(address, len(entry)) != entry:
            raise LookupError("the process's environment was not found in its memory")
        self.mark_size, self.mark_address = len(entry), address

    def settle(self, server: int) -> None:
        """Do what needs no request, ahead of the request.

        Args:
            server: The process that forked this one.
        """
        os.environ[self.child.PARENT_VARIABLE] = str(server)
        self.child.die_with_parent()
        self.owner = os.getpid()
        reseed()

    def enter(self, request: dict[str, Any], writer: int, reply: socket.socket) -> None:
        """Set up this process as a fresh one before its script begins.

        Args:
            request: What to run.
            writer: The descriptor for its output.
            reply: The socket on which its end is reported.
        """
        for number in (1, 2):
            os.dup2(writer, number)
        os.close(writer)
        set_environment(request["environment"])
        marker = os.fsencode(request["marker"]).ljust(self.mark_size, b"\0")
        ctypes.memmove(self.mark_address, marker, self.mark_size)
        reply.send(b"+%d" % self.owner)
        reply.close()
        os.chdir(request["directory"])
        sys.argv = ["", *request["argv"]]
        sys.path[:] = [self.moved(path, request["directory"]) for path in sys.path]
        if not getattr(sys.flags, "safe_path", False):
            sys.path.insert(0, "")
        while self.output:
            self.output = self.output[os.write(1, self.output) :]
        self.child.report_peak()

    def moved(self, path: str, folder: str) -> str:
        """Return a folder of sys.path, which may be relative to the working directory."""
        if path == self.folder or path.startswith(self.folder + os.sep):
            return folder + path[len(self.folder) :]
        return path

    def run(self, script: str) -> None:
        """Run the script, and note the interpreter's exit code."""
        try:
            self.child.become(script)
        except KeyboardInterrupt:  # it ends by the signal
            raise
        except SystemExit as error:
            code = 0 if error.code is None else error.code
            self.code = code & 0xFF if isinstance(code, int) else 1
            raise
        except BaseException:
            self.code = 1
            raise
        self.code = 0

    def leave(self) -> None:
        """End as the interpreter does, but without clearing the modules that were imported before.

        That would take longer than most of a trial. The script's own modules are cleared, so that
        files that it left open are written.
        """
        if os.getpid() != self.owner or self.code is None:
            return
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except Exception:  # noqa: BLE001  # the interpreter has an exit code for it
            return
        sys.stdin, sys.stdout, sys.stderr = sys.__stdin__, sys.__stdout__, sys.__stderr__
        for name in ("last_exc", "last_type", "last_value", "last_traceback"):
            vars(sys).pop(name, None)  # its frames keep local variables alive
        clear(sys.modules["__main__"])
        for module in self.new_modules():
            if self.is_own(module):
                clear(module)
        gc.collect()
        self.preload.flush()
        ctypes.PyDLL(None).exit(self.code)

    def new_modules(self) -> list[types.ModuleType]:
        """Return the modules that the script itself has imported, the last first.

        Others are not touched: that would copy the memory that the processes share.
        """
        found = []
        for name in reversed(sys.modules):
            if name in self.shared:
                break
            found.append(sys.modules[name])
        return found

    def is_own(self, module: types.ModuleType) -> bool:
        """Return whether a module is the script's own, and not of an installed library."""
        return not self.preload.is_in_installation(vars(module).get("__file__") or "")


def set_environment(wanted: dict[str, str]) -> None:
    """Change the environment where it differs from the given one."""
    for name in set(os.environ) - set(wanted):
        del os.environ[name]
    for name, value in wanted.items():
        if os.environ.get(name) != value:
            os.environ[name] = value


def reseed() -> None:
    """Reseed this process's random generators; the random module does so itself."""
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        numpy_random.seed()
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.default_generator.seed()


def clear(module: types.ModuleType) -> None:
    """Clear a module's names in the interpreter's order: private ones first."""
    namespace = vars(module)
    for is_private in (True, False):
        for name in list(namespace):
            is_first = name.startswith("_") and not name.startswith("__")
            if name != "__builtins__" and is_first == is_private:
                namespace[name] = None
