"""Plans what a warm server imports for a script."""

from pathlib import Path

from tunesmith.batch import BatchSpec
from tunesmith.errors import TunesmithError
from tunesmith.executor.warm_server import WarmPlan
from tunesmith.program import ProgramKind
from tunesmith.script.imports import leading_imports
from tunesmith.script.source import parse_source, read_source
from tunesmith.storage.store import Store

DENIED = (
    "cudf", "cuml", "cupy", "dask", "deepspeed", "distributed", "eventlet", "gevent", "grpc",
    "horovod", "jax", "jaxlib", "mpi4py", "mxnet", "numba", "paddle", "polars", "pyspark", "ray",
    "tensorflow",
)  # fmt: skip
"""Libraries that start threads or open a device when they are imported: a fork would hang."""


def plan_warm(spec: BatchSpec, store: Store) -> WarmPlan:
    """Return the leading imports of a batch's script, and the names of the user's own modules."""
    project = Path(spec.project) / spec.script
    try:
        script = store.source.folder(spec.source_digest) / spec.script
        first, text = _first_run(spec, project if spec.execution.is_in_place else script)
        imports = leading_imports(parse_source(text, first.name))
    except TunesmithError:  # the trials report the error
        return WarmPlan(imports=(), own=(), denied=DENIED)
    n_up = len(_packages(spec))
    own = _modules_in(script.parents[n_up]) | _modules_in(project.parents[n_up])
    return WarmPlan(imports=(*imports, *_lazy(imports, text)), own=tuple(own), denied=DENIED)


def _first_run(spec: BatchSpec, script: Path) -> tuple[Path, str]:
    """Return the file that runs first, and its text: the script, or a package around it.

    Python runs the packages of a module before it; what they do may change what it imports.
    """
    for n_up in range(len(_packages(spec)), 0, -1):
        init = script.parents[n_up - 1] / "__init__.py"
        if init.is_file() and (text := read_source(init)).strip():
            return init, text
    return script, read_source(script)


def _packages(spec: BatchSpec) -> list[str]:
    """Return the names of the packages around the script, if it runs as a module of them."""
    is_module = spec.program.kind is ProgramKind.MODULE
    return spec.program.words[0].split(".")[:-1] if is_module else []


def _lazy(
    imports: list[tuple[str, tuple[str, ...]]], text: str
) -> list[tuple[str, tuple[str, ...]]]:
    """Return modules that libraries import when they are first used.

    PyTorch's takes a second or more, and reads settings from the environment: a script that may
    change them imports it itself.
    """
    tops = {name.partition(".")[0] for name, _ in imports}
    lazy = ["numpy.random"] if "numpy" in tops and "random" in text else []
    lazy += ["torch._dynamo"] if "torch" in tops and "TORCH" not in text else []
    return [(name, ()) for name in lazy]


def _modules_in(folder: Path) -> set[str]:
    """Return the modules that a script in a folder would import from there."""
    try:
        return {
            path.name.partition(".")[0]
            for path in folder.iterdir()
            if path.suffix in (".py", ".so", ".pyc") or (path / "__init__.py").exists()
        }
    except OSError:
        return set()
