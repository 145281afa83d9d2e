"""Plans what a warm server imports for a script."""

from pathlib import Path

from tunesmith.batch import BatchSpec
from tunesmith.errors import TunesmithError
from tunesmith.executor.warm_server import WarmPlan
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
        text = read_source(project if spec.execution.is_in_place else script)
        imports = leading_imports(parse_source(text, spec.operation))
    except TunesmithError:  # the trials report the error
        return WarmPlan(imports=(), own=(), denied=DENIED)
    own = _modules_in(script.parent) | _modules_in(project.parent)
    return WarmPlan(imports=(*imports, *_lazy(imports, text)), own=tuple(own), denied=DENIED)


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
