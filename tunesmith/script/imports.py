"""The modules that a script imports."""

import ast
from collections.abc import Iterator


def imported_modules(tree: ast.Module) -> frozenset[str]:
    """Return the top-level names of the modules that a script imports, wherever it does."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return frozenset(names)


def leading_imports(tree: ast.Module) -> list[tuple[str, tuple[str, ...]]]:
    """Return the modules that a script certainly imports before it does anything else.

    Each comes with the names that are taken from it, which may be modules too. The first statement
    that might change what a later import does (``os.environ[…] = …``, ``matplotlib.use(…)``) ends
    the list.
    """
    found: list[tuple[str, tuple[str, ...]]] = []
    for node in _leading(tree.body):
        if isinstance(node, ast.Import):
            found += [(alias.name, ()) for alias in node.names]
        elif node.module:
            names = tuple(alias.name for alias in node.names if alias.name != "*")
            found.append((node.module, names))
    return found


def _leading(body: list[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            if isinstance(node, ast.ImportFrom) and node.level:
                return
            yield node
        elif isinstance(node, ast.Try):
            yield from _leading(node.body)
            if not all(isinstance(one, ast.Import | ast.ImportFrom) for one in node.body):
                return
        elif not _is_inert(node):
            return


def _is_inert(node: ast.stmt) -> bool:
    """Return whether a statement cannot change what a later import does."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return not node.decorator_list
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant) or _is_warning_filter(node.value)
    if isinstance(node, ast.Assign):
        is_name = all(isinstance(target, ast.Name) for target in node.targets)
        return is_name and not _calls(node.value)
    if isinstance(node, ast.AnnAssign):
        return isinstance(node.target, ast.Name) and not (node.value and _calls(node.value))
    return isinstance(node, ast.Pass)


def _is_warning_filter(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "warnings"
    )


def _calls(node: ast.expr) -> bool:
    return any(isinstance(inner, ast.Call) for inner in ast.walk(node))
