"""Forks a process for each trial, with its imports done: standard library only.

Started by path with the user's interpreter; the argument is the descriptor of a socket. The first
message brings a plan, to which the answer is why nothing can be forked here, or ``ready``. Each
one after it brings three descriptors: a request, the pipe for the output, and a socket that
belongs to the trial. They are handed to a process that was forked before, while nobody waited for
it, and the next one is forked at once. The trial writes ``+PID`` to its socket once it can be
found. Whoever has sent the request sees its end, and answers; then this process reaps the trial,
whose number nobody else could have until then, and writes its status and what it used.

This process imports and never computes: libraries whose threads have worked hang in a fork.
"""

from __future__ import annotations

import array
import json
import os
import select
import signal
import socket
import sys
import types
import warnings


class Server:
    """Forks a process for each request, and reports its end."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.pid = os.getpid()
        self.trials: dict[socket.socket, int] = {}
        self.spare: tuple[socket.socket, int] | None = None
        """The process that waits for the next request: the socket to it, and its id."""

    def serve(self) -> socket.socket:
        """Serve until the socket ends, then exit; in each child, return its own socket."""
        mine = self.fork()
        while mine is None:
            ready, _, _ = select.select([self.control, *self.trials], [], [])
            for reply in ready:
                if reply is not self.control:
                    self.reap(reply)
            if self.control in ready:
                mine = self.take(receive(self.control))
            elif self.spare is None:  # not while a trial starts: a fork would delay it
                mine = self.fork()
        return mine

    def fork(self) -> socket.socket | None:
        """Fork a spare process; return None in this process, and the socket in the new one."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about the idle threads of a library
                pid = os.fork()
        except OSError:
            pid = -1
        if pid == 0:
            os.setsid()
            for one in [ours, self.control, *self.trials]:
                one.close()
            return theirs
        theirs.close()
        if pid > 0:
            self.spare = ours, pid
        return None

    def take(self, descriptors: list[int]) -> socket.socket | None:
        """Hand a request to the spare process; return what ``fork`` returns."""
        if not descriptors:
            self.leave()
        text, writer, number = descriptors
        pid = 0
        while pid == 0:
            mine = self.fork() if self.spare is None else None
            if mine is not None:
                for descriptor in descriptors:
                    os.close(descriptor)
                return mine
            spare, self.spare = self.spare, None
            pid = -1 if spare is None else pass_on(*spare, descriptors)
        os.close(text)
        os.close(writer)
        reply = socket.socket(fileno=number)
        if pid < 0:
            reply.close()  # the other end then starts the trial fresh
        else:
            self.trials[reply] = pid
        return None

    def reap(self, reply: socket.socket) -> None:
        """Report the end of a trial and what it has used, and reap it."""
        pid = self.trials.pop(reply)
        if not hear(reply):
            kill(pid)  # the process that waited for it is gone
        _, status, usage = os.wait4(pid, 0)
        numbers = (status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
        tell(reply, " ".join(map(repr, numbers)).encode())
        reply.close()

    def leave(self) -> None:
        """End this process, and its children with it."""
        for pid in [*self.trials.values(), *([self.spare[1]] if self.spare else [])]:
            kill(pid)
        os._exit(0)


def pass_on(channel: socket.socket, pid: int, descriptors: list[int]) -> int:
    """Send a request to a waiting process; return its id, or 0 if it was killed."""
    data = array.array("i", descriptors)
    try:
        with channel:
            channel.sendmsg([b"task"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, data)])
    except OSError:
        os.waitpid(pid, 0)
        return 0
    return pid


def kill(group: int) -> None:
    """Kill a process group, if it still exists."""
    try:
        os.killpg(group, signal.SIGKILL)
    except OSError:
        pass


def hear(reply: socket.socket) -> bytes:
    """Return a message of the process that waits for a trial; empty if it is gone."""
    try:
        return reply.recv(16)
    except OSError:
        return b""


def tell(reply: socket.socket, text: bytes) -> None:
    """Send a message to the process that waits for a trial, if it still exists."""
    try:
        reply.send(text)
    except OSError:
        pass


def receive(control: socket.socket) -> list[int]:
    """Return the descriptors of the next message; none at the end of the socket."""
    room = socket.CMSG_SPACE(3 * 4)
    _, ancillary, _, _ = control.recvmsg(64, room, socket.MSG_CMSG_CLOEXEC)
    data = b"".join(part for _, _, part in ancillary)
    return [int.from_bytes(data[n : n + 4], sys.byteorder) for n in range(0, len(data), 4)]


def read(descriptor: int) -> dict[str, object]:
    """Return the JSON in a file, and close it."""
    with os.fdopen(descriptor, "rb") as file:
        file.seek(0)
        found: dict[str, object] = json.loads(file.read().decode())
    return found


def load(name: str) -> types.ModuleType:
    """Return a module from the folder of this one, which the script cannot import."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), name)
    module = types.ModuleType(name)
    module.__file__ = path
    with open(path, "rb") as file:
        code = compile(file.read(), path, "exec", dont_inherit=True)
    run = exec
    run(code, module.__dict__)
    return module


def main() -> types.FunctionType:
    """Serve; return, in each child, what runs the script."""
    control = socket.socket(fileno=int(sys.argv[1]))
    control.set_inheritable(False)
    child, preload, forked = map(load, ("child.py", "preload_child.py", "forked_child.py"))
    child.die_with_parent()
    child.hide_own_frames(__file__, forked.__file__)
    if not getattr(sys.flags, "safe_path", False):
        del sys.path[0]  # the folder of this file
    stage = forked.Stage(child, preload)
    try:
        stage.prepare(read(receive(control)[0]))
    except (preload.ObstacleError, OSError, LookupError) as error:
        control.send(str(error).encode())
        os._exit(1)
    server = Server(control)
    control.send(b"ready")
    channel = server.serve()
    stage.settle(server.pid)
    descriptors = receive(channel)
    if not descriptors:
        os._exit(0)
    channel.close()
    text, writer, number = descriptors
    stage.enter(read(text), writer, socket.socket(fileno=number))
    run: types.FunctionType = stage.run
    return run


if __name__ == "__main__":
    main()(sys.argv[1])
