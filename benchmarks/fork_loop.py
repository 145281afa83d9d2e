"""The least that forked trials can take: fork, run the script with another value, read its output.

    python benchmarks/fork_loop.py SCRIPT N

This process has imported what the script imports. Nothing is stored, watched or stopped.
"""

import ast
import gc
import importlib
import os
import sys
from pathlib import Path


def main() -> None:
    script, n_trials = Path(sys.argv[1]), int(sys.argv[2])
    tree = ast.parse(script.read_text())
    preload(tree)
    gc.collect()
    gc.freeze()  # or each fork copies what it looks through
    for number in range(n_trials):
        run(tree, str(script), x=number / n_trials)


def preload(tree: ast.Module) -> None:
    for node in tree.body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                importlib.import_module(alias.name)
        elif isinstance(node, ast.ImportFrom) and node.module:
            importlib.import_module(node.module)
    if "numpy" in sys.modules:
        importlib.import_module("numpy.random")  # which NumPy imports when it is first used


def run(tree: ast.Module, name: str, *, x: float) -> bytes:
    """Run the script in a fork with the global ``x`` changed, and return what it prints."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "x":
            node.value = ast.copy_location(ast.Constant(x), node.value)
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.dup2(writer, 1)
        exec(compile(tree, name, "exec"), {"__name__": "__main__"})
        sys.stdout.flush()
        os._exit(0)
    os.close(writer)
    output = b""
    while chunk := os.read(reader, 65536):
        output += chunk
    os.close(reader)
    os.waitpid(pid, 0)
    return output


if __name__ == "__main__":
    main()
