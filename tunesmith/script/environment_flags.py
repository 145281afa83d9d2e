"""Flags that a script reads from variables of its environment."""

import ast
from collections.abc import Mapping

from tunesmith.flags.definition import FlagDefinition
from tunesmith.flags.secret_names import is_secret_name
from tunesmith.flags.values import FlagValue
from tunesmith.script.argument_flags import converter_of, parents_of, typed_default
from tunesmith.script.call_arguments import ComputedError, module_constants, read_value
from tunesmith.script.environment_readers import Reading, own_readers, reading

_OF_SYSTEM = frozenset({
    "HOME", "PATH", "PWD", "USER", "LOGNAME", "SHELL", "TERM", "LANG", "TMPDIR", "TEMP", "TMP",
    "HOSTNAME", "DISPLAY", "PYTHONPATH", "CI", "RANK", "WORLD_SIZE", "LOCAL_RANK", "NODE_RANK",
    "LOCAL_WORLD_SIZE", "GROUP_RANK", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
    "NO_COLOR", "COLUMNS", "LINES", "HOSTNAMES", "VIRTUAL_ENV", "KMP_DUPLICATE_LIB_OK",
})  # fmt: skip
_OF_TOOLS = (
    *("SLURM_", "CUDA_", "NVIDIA_", "MASTER_", "WANDB_", "HF_", "MLFLOW_", "AWS_", "XLA_", "TF_"),
    *("TORCH", "PYTORCH_", "NCCL_", "OMP_", "MKL_", "LC_", "SSH_", "OMPI_", "JAX_", "PYTHON"),
    *("TUNESMITH_", "FLAG_", "RUN_ID", "RUN_DIR", "TOKENIZERS_", "KAGGLE_", "COLAB_", "AZUREML_"),
)
"""Variables that a system or a tool sets, and that nobody tunes."""


def read_environment(tree: ast.Module) -> tuple[FlagDefinition, ...]:
    """Return a flag for each variable that a script reads by its name.

    Those that a system or a tool sets, secrets, and what is only tested are left out. The
    converter that is called with the text gives the type. None is required, since it may be set
    already.

    Args:
        tree: The script's syntax tree.
    """
    constants, parents, readers = module_constants(tree), parents_of(tree), own_readers(tree)
    found: dict[str, FlagDefinition] = {}
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Subscript | ast.Call)]
    for node in sorted(nodes, key=lambda one: (one.lineno, one.col_offset)):
        found_reading = reading(node, readers)
        read = None if found_reading is None else _read(found_reading, constants)
        if (
            found_reading is None
            or read is None
            or not is_flag_name(read[0])
            or _is_test(node, parents)
        ):
            continue
        name, default = read
        default = _otherwise(node, parents, constants) if default is None else default
        converter = found_reading.converter or converter_of(node, parents)
        kind, value = typed_default(converter, default)
        flag = FlagDefinition(name=name, type=kind, default=value, variable=name)
        known = found.get(name)
        if known is None or (known.default is None and value is not None):
            found[name] = flag
    return tuple(found.values())


def _read(found: Reading, constants: Mapping[str, ast.expr]) -> tuple[str, FlagValue] | None:
    """Return the variable that is read, and its default; None where its name is computed."""
    try:
        name = read_value(found.name, constants)
    except ComputedError:
        return None
    try:
        default = None if found.default is None else read_value(found.default, constants)
    except ComputedError:
        default = None
    return (name, default) if isinstance(name, str) else None


def _otherwise(
    node: ast.AST, parents: Mapping[ast.AST, ast.AST], constants: Mapping[str, ast.expr]
) -> FlagValue:
    """Return what follows ``or`` where a variable is not set; None where nothing does."""
    outer = parents.get(node)
    if not isinstance(outer, ast.BoolOp) or not isinstance(outer.op, ast.Or):
        return None
    try:
        return read_value(outer.values[-1], constants)
    except ComputedError:
        return None


def _is_test(node: ast.AST, parents: Mapping[ast.AST, ast.AST]) -> bool:
    """Return whether it only matters that a variable is set, as for a switch of the developer."""
    outer = parents.get(node)
    if isinstance(outer, ast.UnaryOp):
        return isinstance(outer.op, ast.Not)
    return isinstance(outer, ast.If | ast.While | ast.IfExp) and outer.test is node


def is_flag_name(name: str) -> bool:
    """Return whether a variable may be a flag: no secret, and none of a system or a tool."""
    is_known = name in _OF_SYSTEM or name.startswith(_OF_TOOLS) or is_secret_name(name)
    return name.isidentifier() and not is_known
