"""Becomes the user's script: started by path with the user's interpreter, standard library only.

Arguments: the script, then its own arguments. The process dies with the thread that started it,
where the system can do that, and the script is the real ``__main__``: pickling, spawned processes
and tracebacks work as they do without Tunesmith.
"""

import os
import sys

PARENT_VARIABLE = "TUNESMITH_PARENT"


def die_with_parent():
    # type: () -> None
    """Ask the kernel to kill this process when its parent dies (Linux only)."""
    parent = os.environ.pop(PARENT_VARIABLE, "")
    if not sys.platform.startswith("linux") or not parent:
        return
    import ctypes
    import signal

    try:
        ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG
    except (OSError, AttributeError):
        return
    if os.getppid() != int(parent):
        os._exit(137)  # it died before we asked


def hide_own_frame():
    # type: () -> None
    """Let tracebacks begin at the script."""
    print_exception = sys.excepthook

    def hook(kind, error, trace):  # type: ignore[no-untyped-def]
        while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
            trace = trace.tb_next
        print_exception(kind, error, trace)

    sys.excepthook = hook


def become(script):
    # type: (str) -> None
    """Run the script in this very module, which takes its name, file and arguments."""
    sys.argv = sys.argv[1:]
    sys.path[0] = os.path.dirname(os.path.abspath(script))
    with open(script, "rb") as file:
        code = compile(file.read(), script, "exec", dont_inherit=True)
    namespace = sys.modules["__main__"].__dict__
    for name in [name for name in namespace if not name.startswith("__")]:
        del namespace[name]
    namespace.pop("__annotations__", None)
    namespace.update(__file__=script, __doc__=None, __cached__=None)
    run = exec
    run(code, namespace)


if __name__ == "__main__":
    die_with_parent()
    hide_own_frame()
    become(sys.argv[1])
