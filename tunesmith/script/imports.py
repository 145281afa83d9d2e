"""Which modules a script imports."""

import ast


def imported_modules(tree: ast.Module) -> frozenset[str]:
    """Return the top-level names of the modules that a script imports, wherever it does."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return frozenset(names)
