"""Stands in for libraries that are not installed, so that a program comes as far as its parser.

Such an object takes part in everything that a program does with a library while its modules are
imported: it has every attribute, can be called, subclassed and used as a decorator. What it says
is not true, so that nothing that is computed with it is taken for a value of the program.
"""

from __future__ import annotations

import abc
import argparse
import contextlib
import dis
import importlib
import sys
import types
from collections.abc import Iterator, Sequence
from typing import Any

from . import reading_calls

MARK = "(not installed)"
"""Stands in every text that is made of such an object."""
PARSER_METHODS = frozenset({
    "add_argument", "add_argument_group", "add_mutually_exclusive_group", "parse_args",
    "parse_known_args", "set_defaults", "add_subparsers",
})  # fmt: skip
"""What makes an object of a library a parser: the options that the program adds are seen."""

used: set[str] = set()
"""What was asked of such objects that a library would have answered with content."""
names_of_all: Any = list
"""Returns the names that the code needs which imports all of a module."""
makers: dict[str, Any] = {}
"""What is called instead of a library's function, by the last part of its name."""


def contents_of(owner: Any) -> dict[str, Any]:
    """Return what an object or a module contains, without noting that it was asked for."""
    if isinstance(owner, types.ModuleType):
        of_modules: Any = vars(types.ModuleType)["__dict__"]
        found: dict[str, Any] = of_modules.__get__(owner)
        return found
    own: dict[str, Any] = object.__getattribute__(owner, "__dict__")
    return own


def child_of(owner: Any, name: str) -> Any:
    """Return an attribute of such an object, the same whenever it is asked for."""
    own: dict[str, Any] = contents_of(owner)
    path = own.get("_path", own.get("__name__", ""))
    if name == "__version__":
        return Version("999.0.0")
    if name == "__all__":
        return names_of_all()
    if name == "__dataclass_fields__" and isinstance(owner, StandIn):
        return {}
    if name.startswith("__") and name.endswith("__"):
        raise AttributeError(name)
    if name in ("app", "flags") and path.startswith("tensorflow"):
        with contextlib.suppress(ImportError):
            flags, app = (importlib.import_module(f"absl.{one}") for one in ("flags", "app"))
            return (
                flags if name == "flags" else types.SimpleNamespace(flags=flags, run=run_by(app))
            )
    if name in PARSER_METHODS and ("()" in path or isinstance(owner, Base)):
        return getattr(parser_of(own), name)
    found = StandIn(f"{path}.{name}")
    own[name] = found
    return found


def run_by(app: Any) -> Any:
    """Return TensorFlow's function that ran a program with absl; it found the main one itself."""

    def run(main: Any = None, argv: Any = None) -> None:
        app.run(main or (lambda _: None), argv)

    return run


def parser_of(own: dict[str, Any]) -> argparse.ArgumentParser:
    """Return the parser for the options that a program adds to a library's."""
    if "_parser" not in own:
        own["_parser"] = Parser(add_help=False, conflict_handler="resolve")
    parser: argparse.ArgumentParser = own["_parser"]
    return parser


class Version(str):
    """The version of a library that is not installed, which passes every check."""

    __slots__ = ()

    def __eq__(self, _: object) -> bool:
        return True

    def __ne__(self, _: object) -> bool:
        return False

    __hash__ = str.__hash__

    def startswith(self, *_: Any) -> bool:
        """Return true."""
        return True


class Parser(argparse.ArgumentParser):
    """A parser of a library: without an option of the program, nothing is known of it."""

    def parse_known_args(self, *arguments: Any, **keywords: Any) -> Any:
        """Read the command line, if the program has added options."""
        if not self._actions:
            raise ImportError(f"the options of a parser that is {MARK}")
        return super().parse_known_args(*arguments, **keywords)


def unpacked() -> int:
    """Return into how many names the code that iterates unpacks; 0 where it does not."""
    frame = sys._getframe(2)
    code, at = frame.f_code.co_code, frame.f_lasti
    if dis.opname[code[at]] == "UNPACK_SEQUENCE":
        return code[at + 1]
    return 0


def replace_actions() -> None:
    """Have options whose action is of a library store their value."""
    container: Any = argparse._ActionsContainer
    original = container._pop_action_class

    def pop(self: Any, keywords: dict[str, Any], default: Any = None) -> Any:
        found = original(self, keywords, default)
        return argparse._StoreAction if isinstance(found, StandIn) else found

    container._pop_action_class = pop


def read_given(arguments: Sequence[Any]) -> None:
    """Read the command line with a parser that a library's function is given to do so."""
    for one in arguments:
        own = contents_of(one).get("_parser") if isinstance(one, Behaviour) else one
        if isinstance(own, argparse.ArgumentParser):
            own.parse_known_args()


_RETURNED = (types.FunctionType, type, argparse.ArgumentParser)


class Behaviour:
    """What every such object can do."""

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Return what is decorated or gets options; for any other call another such object."""
        path = contents_of(self).get("_path", "")
        maker = makers.get(path.rpartition(".")[2])
        if maker is not None:
            return maker(*arguments, **keywords)
        if path.rpartition(".")[2].startswith(reading_calls.READING):
            read_given(arguments)
        if arguments and isinstance(arguments[0], _RETURNED):
            return arguments[0]
        return StandIn(f"{path}()")

    def __getattr__(self, name: str) -> Any:
        return child_of(self, name)

    def __getitem__(self, _key: Any) -> Any:
        return StandIn(f"{self}[]")

    def __setitem__(self, _key: Any, _value: Any) -> None:
        pass

    def __delitem__(self, _key: Any) -> None:
        pass

    def __contains__(self, _item: Any) -> bool:
        used.add("in")
        return False

    def __iter__(self) -> Iterator[Any]:
        n = unpacked()
        if not n:
            used.add("iter")
        return iter([StandIn(f"{self}[{at}]") for at in range(n)])

    def __next__(self) -> Any:
        raise StopIteration

    def __len__(self) -> int:
        return 1

    def __int__(self) -> int:
        return 1

    def __index__(self) -> int:
        return 1

    def __float__(self) -> float:
        return 1.0

    def __bool__(self) -> bool:
        return True

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __lt__(self, other: Any) -> bool:
        return False

    def __le__(self, other: Any) -> bool:
        return False

    def __gt__(self, other: Any) -> bool:
        return False

    def __ge__(self, other: Any) -> bool:
        return True

    def __instancecheck__(self, _: Any) -> bool:
        return False

    def __subclasscheck__(self, _: Any) -> bool:
        return False

    def __fspath__(self) -> str:
        return str(self)


def _operator(name: str) -> Any:
    def operate(self: Any, *_: Any) -> Any:
        return StandIn(f"{self}")

    operate.__name__ = name
    return operate


for _name in (
    *("add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "pow", "and", "or", "xor"),
    *("lshift", "rshift"),
):
    setattr(Behaviour, f"__{_name}__", _operator(_name))
    setattr(Behaviour, f"__r{_name}__", _operator(_name))
for _name in ("neg", "pos", "abs", "invert", "round"):
    setattr(Behaviour, f"__{_name}__", _operator(_name))


class StandIn(Behaviour):
    """An object of a library that is not installed."""

    def __init__(self, *names: Any, **_: Any) -> None:
        if "_path" not in self.__dict__:
            self.__dict__["_path"] = names[0] if names else ""

    def __mro_entries__(self, _bases: Any) -> tuple[type, ...]:
        """Return a class of its own for each, so that a class may have several as bases."""
        own = self.__dict__
        if "_class" not in own:
            own["_class"] = Kind(own["_path"].rpartition(".")[2] or "Base", (Base,), {})
        return (own["_class"],)

    def __repr__(self) -> str:
        return f"{self.__dict__['_path']} {MARK}"


class Kind(abc.ABCMeta):
    """The type of classes that have a base of a library."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith(("__", "_abc_")) or name.endswith("_"):
            raise AttributeError(name)
        return StandIn(f"{cls.__name__}.{name}")


class Base(Behaviour, metaclass=Kind):
    """What stands for the classes of a library that a program derives its own from."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __init_subclass__(cls, **_: Any) -> None:
        super().__init_subclass__()

    def __class_getitem__(cls, _: Any) -> Any:
        return cls


class Module(types.ModuleType):
    """A module of a library that is not installed."""

    def __getattr__(self, name: str) -> Any:
        return child_of(self, name)

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]  # seen as read
        used.add("__dict__")
        return contents_of(self)
