"""Becomes the user's script: started by path with the user's interpreter, standard library only.

Arguments: the script, then its own arguments; a variable names the module that the script is, if
it is to run as one. The process dies with the thread that started it, where the system can do
that, and the script is the real ``__main__``: pickling, spawned processes and tracebacks work as
they do without Tunesmith.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import types  # noqa: F401  # a comment names it

PARENT_VARIABLE = "TUNESMITH_PARENT"
PEAK_VARIABLE = "TUNESMITH_PEAK"
MARK_VARIABLE = "TUNESMITH_MARK"
ARGUMENTS_VARIABLE = "TUNESMITH_ARGUMENTS"
MODULE_VARIABLE = "TUNESMITH_MODULE"


def die_with_parent():
    # type: () -> None
    """Have the kernel kill this process when its parent dies (Linux only)."""
    parent = os.environ.pop(PARENT_VARIABLE, "")
    if not sys.platform.startswith("linux") or not parent:
        return
    try:
        call_prctl(1, 9)  # PR_SET_PDEATHSIG, SIGKILL
    except (OSError, AttributeError, ImportError):
        return
    if os.getppid() != int(parent):
        os._exit(137)  # the parent died before the call


def call_prctl(option, value):
    # type: (int, int) -> None
    """Call prctl by the C parts of ctypes: importing ctypes takes longer than a small script."""
    try:
        from _ctypes import call_function, dlopen, dlsym

        library = dlopen(None, 0)  # type: ignore[arg-type]  # None means the program itself
        call_function(dlsym(library, "prctl"), (option, value, 0, 0, 0))
    except (AttributeError, ImportError):  # other interpreters lack these parts
        import ctypes

        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def hide_own_frames(*own):
    # type: (str) -> None
    """Start tracebacks at the script, without the frames of our files that called it."""
    print_exception, own = sys.excepthook, (__file__, *own)

    def hook(kind, error, trace):  # type: ignore[no-untyped-def]  # old Pythons run this file
        while trace is not None and trace.tb_frame.f_code.co_filename in own:
            trace = trace.tb_next
        print_exception(kind, error.with_traceback(trace), trace)

    # with this module's namespace it would keep the script's globals alive, past all finalizers
    function, namespace = type(report_peak), {"__builtins__": __builtins__}
    sys.excepthook = function(hook.__code__, namespace, "hook", None, hook.__closure__)  # type: ignore[misc]  # it is FunctionType


def report_peak():
    # type: () -> None
    """Write the peak memory to a file at the script's end.

    The kernel's own figure for the parent includes the parent's memory from before the start.
    """
    path = os.environ.pop(PEAK_VARIABLE, "")
    if not path or not os.path.exists("/proc/self/status"):
        return
    import atexit

    owner, getpid = os.getpid(), os.getpid

    def write():
        # type: () -> None
        if getpid() != owner:  # a forked child of the script runs its exit functions, too
            return
        try:
            with open("/proc/self/status") as status:
                lines = [line for line in status if line.startswith("VmHWM:")]
            with open(path, "w") as file:
                file.write(lines[0].split()[1])
        except (OSError, IndexError):
            pass

    atexit.register(write)


def hidden_arguments():
    # type: () -> list[str]
    """Return the arguments that are kept off the command line, which every user can read."""
    text = os.environ.pop(ARGUMENTS_VARIABLE, "")
    if not text:
        return []
    import json

    return json.loads(text)  # type: ignore[no-any-return]  # JSON of a list of strings


def become(script):
    # type: (str) -> None
    """Run the script in this module, with the script's name, file and arguments."""
    sys.argv = sys.argv[1:] + hidden_arguments()
    module = os.environ.pop(MODULE_VARIABLE, "")
    is_path_ours = not getattr(sys.flags, "safe_path", False)  # else the folder is not on it
    namespace = sys.modules["__main__"].__dict__
    if module:
        code, names = find_module(module, script, is_path_ours)
    else:
        if is_path_ours:
            sys.path[0] = os.path.dirname(os.path.abspath(script))
        with open(script, "rb") as file:
            code = compile(file.read(), script, "exec", dont_inherit=True)
        loader = type(namespace["__loader__"])("__main__", script)
        names = {"__file__": script, "__cached__": None, "__loader__": loader}
    for name in [name for name in namespace if not name.startswith("__")]:
        del namespace[name]
    namespace.pop("__annotations__", None)
    namespace.update(names, __doc__=None)
    run = exec
    run(code, namespace)


def find_module(name, file, is_path_ours):
    # type: (str, str, bool) -> tuple[types.CodeType, dict[str, object]]
    """Return a module's code and what it finds in its namespace, as ``python -m`` has them.

    The folder from which it is imported comes first on the path, then the working directory.
    """
    if is_path_ours:
        here, root = os.getcwd(), os.path.dirname(os.path.abspath(file))
        for _ in range(name.count(".")):
            root = os.path.dirname(root)
        sys.path[:1] = [root] if os.path.realpath(root) == here else [root, here]
    from importlib.util import find_spec

    spec = find_spec(name)  # imports its package
    if spec is None or spec.loader is None:
        sys.exit("No module named " + name)
    sys.argv[0] = spec.origin or file
    code = spec.loader.get_code(name)  # type: ignore[attr-defined]  # loaders of files have it
    return code, {
        "__file__": spec.origin,
        "__cached__": spec.cached,
        "__loader__": spec.loader,
        "__package__": spec.parent,
        "__spec__": spec,
    }


if __name__ == "__main__":
    die_with_parent()
    hide_own_frames()
    report_peak()
    become(sys.argv[1])
