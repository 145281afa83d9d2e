"""Arguments taken from ``sys.argv`` and variables of the environment, as a text shows them."""

import ast

import pytest

from tunesmith.flags.definition import FlagType
from tunesmith.script.argument_flags import read_arguments
from tunesmith.script.environment_flags import read_environment


@pytest.mark.parametrize(
    ("text", "name", "kind", "default"),
    [
        ("lr = float(os.environ.get('LR', 0.1))", "LR", FlagType.FLOAT, 0.1),
        ("lr = float(os.environ.get('LR', '1'))", "LR", FlagType.FLOAT, 1.0),
        ("n = int(os.getenv('N') or 3)", "N", FlagType.INT, 3),
        ("name = os.getenv('NAME', 'run')", "NAME", FlagType.TEXT, "run"),
        ("depth = os.getenv('DEPTH', '3')", "DEPTH", FlagType.ANY, 3),
        ("data = os.environ['DATA']", "DATA", FlagType.ANY, None),
        ("KEY = 'LR'\nlr = float(os.environ[KEY])", "LR", FlagType.FLOAT, None),
        ("def f():\n    return int(environ.get('N', 2))", "N", FlagType.INT, 2),
        (
            "def env(name, default, cast=float):\n    return cast(os.environ.get(name, default))\n"
            "lr = env('LR', '0.1')",
            "LR",
            FlagType.FLOAT,
            0.1,
        ),
        (
            "def env(name, default, cast=float):\n    return cast(os.environ.get(name, default))\n"
            "n = env('N', 3, cast=int)",
            "N",
            FlagType.INT,
            3,
        ),
        ("def get(key):\n    return int(os.environ[key])\nn = get('N')", "N", FlagType.INT, None),
        (
            "from decouple import config\nlr = config('LR', default=0.1, cast=float)",
            "LR",
            FlagType.FLOAT,
            0.1,
        ),
    ],
)
def test_a_variable_is_a_flag(text: str, name: str, kind: FlagType, default: object) -> None:
    (flag,) = read_environment(ast.parse(text))
    assert (flag.name, flag.variable, flag.type, flag.default) == (name, name, kind, default)
    assert not flag.is_required


@pytest.mark.parametrize(
    "text",
    [
        "os.environ['OMP_NUM_THREADS'] = '1'",
        "home = os.environ['HOME']",
        "rank = int(os.environ.get('LOCAL_RANK', 0))",
        "gpus = os.environ.get('CUDA_VISIBLE_DEVICES')",
        "key = os.environ.get('API_KEY', '')",
        "x = os.environ.get(name)",
        "x = config.get('LR', 0.1)",
        "x = os.environ.get('a b')",
        "def env(name):\n    return os.environ.get('HOME') + name\nlr = env('LR')",
        "x = config('LR', default=0.1)",
        "if os.environ.get('TRACE'): print(1)",
        "x = 1 if not os.environ.get('QUICK') else 2",
    ],
)
def test_another_reading_is_none(text: str) -> None:
    assert read_environment(ast.parse(text)) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lr = float(sys.argv[1])", [("lr", FlagType.FLOAT, None, True)]),
        (
            "lr = float(sys.argv[1] if len(sys.argv) > 1 else 0.1)",
            [("lr", FlagType.FLOAT, 0.1, False)],
        ),
        ("train(int(sys.argv[1]))", [("1", FlagType.INT, None, True)]),
        ("train(steps=int(sys.argv[1]))", [("steps", FlagType.INT, None, True)]),
        (
            "a, b = map(float, sys.argv[1:])",
            [("a", FlagType.FLOAT, None, True), ("b", FlagType.FLOAT, None, True)],
        ),
        (
            "a, b = float(sys.argv[1]), int(sys.argv[2])",
            [("a", FlagType.FLOAT, None, True), ("b", FlagType.INT, None, True)],
        ),
        (
            "def main(argv):\n    lr = float(argv[1])\nmain(sys.argv)",
            [("lr", FlagType.FLOAT, None, True)],
        ),
        (
            "def main(args=sys.argv[1:]):\n    lr = float(args[0])",
            [("lr", FlagType.FLOAT, None, True)],
        ),
        (
            "_, a, b = sys.argv",
            [("a", FlagType.ANY, None, True), ("b", FlagType.ANY, None, True)],
        ),
        (
            "n = 3\nif len(sys.argv) > 1:\n    n = int(sys.argv[1])",
            [("n", FlagType.INT, 3, False)],
        ),
        (
            "try:\n    n = int(sys.argv[1])\nexcept IndexError:\n    n = 3",
            [("n", FlagType.INT, 3, False)],
        ),
        (
            "path = sys.argv[2]",
            [("1", FlagType.ANY, None, True), ("path", FlagType.ANY, None, True)],
        ),
        (
            "args = sys.argv[1:]\nlr = float(args[0])",
            [("lr", FlagType.FLOAT, None, True)],
        ),
        ("name = sys.argv[0]", []),
        ("main(sys.argv[1:])", []),
        ("if sys.argv[1] == 'x':\n    pass", [("1", FlagType.ANY, None, False)]),
    ],
)
def test_an_argument_is_a_flag(text: str, expected: list[object]) -> None:
    found = read_arguments(ast.parse(text))
    assert [(one.name, one.type, one.default, one.is_required) for one in found] == expected
    assert [one.position for one in found] == list(range(1, len(found) + 1))


def test_a_place_is_an_alias_of_its_variable() -> None:
    (flag,) = read_arguments(ast.parse("lr = float(sys.argv[1])"))
    assert flag.aliases == ("1",)
