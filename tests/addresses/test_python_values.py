"""Values of Python files: which have an address, and how others are written."""

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.addresses.files import read_addresses, write_values
from tunesmith.errors import FlagError
from tunesmith.flags.values import FlagValue

SHAPES = {
    "a global": ("BATCH = {}\n", "BATCH"),
    "a class": ("class CFG:\n    lr = {}  # rate\n", "CFG.lr"),
    "a class in a class": ("class A:\n  class B:\n    lr: float = {}; x = 1\n", "A.B.lr"),
    "a dict": ("params = {{'eta': {}, 'x': f()}}\n", "params['eta']"),
    "a dict in a dict": ("p = {{'a': {{'b': {}}}, 'c': 1}}\n", "p.a.b"),
    "a dict by keywords": ("p = dict(eta={}, x=1)\n", "p.eta"),
    "a dict in an object": ("cfg = AttrDict({{'a': {{'lr': {}}}}})\n", "cfg.a.lr"),
    "keywords from a dict": ("ns = Namespace(**{{'lr': {}}})\n", "ns.lr"),
    "an update": ("import wandb\nwandb.config.update({{'lr': {}}})\n", "wandb.config.lr"),
    "a dict that is passed": ("main(dict(lr={}))\n", "main.lr"),
    "a dict in a list": ("p = [{{'lr': 1}}, {{'lr': {}}}]\n", "p[1].lr"),
    "an item": ("p = f()\np['a']['b'] = {}\n", "p.a.b"),
    "an attribute": ("_C.SOLVER.LR = {}\n", "_C.SOLVER.LR"),
    "a dataclass": ("@dataclass\nclass C:\n    lr: float = {}\n", "C.lr"),
    "a field": ("@dataclass\nclass C:\n    lr: float = field(default={})\n", "C.lr"),
    "a field's factory": ("class C:\n    lr = field(default_factory=lambda: {})\n", "C.lr"),
    "a function": ("def train(x, lr={}, *, n=1): pass\n", "train(lr)"),
    "a keyword-only argument": ("def train(*, n=1, lr={}): pass\n", "train(lr)"),
    "a constructor": ("class Net:\n    def __init__(self, lr={}): pass\n", "Net(lr)"),
    "a call": ("m = svm.SVC(gamma={}, C=1.0)\n", "SVC(gamma)"),
    "a call in a function": ("def main():\n    return f(SVC(gamma={}))\n", "main.SVC(gamma)"),
    "a call under a condition": ("if a:\n  pass\nelif SVC(gamma={}): pass\n", "SVC(gamma)"),
    "a variable of a function": ("def main():\n    lr = {}\n    use(lr)\n", "main.lr"),
    "what an object keeps": ("class N:\n  def f(self):\n    self.lr = {}\n", "N.lr"),
}  # fmt: skip
OLD = ("0.1", "[1,\n  2]", "'é'", "-3", "(64, 64)", "5 * 8")
values = (
    st.integers()
    | st.floats(allow_nan=False)
    | st.booleans()
    | st.none()
    | st.text(max_size=5)
    | st.lists(st.integers(), max_size=3).map(tuple)
)


@settings(deadline=None)
@given(st.sampled_from(sorted(SHAPES)), st.sampled_from(OLD), values)
def test_the_value_is_written_and_nothing_else(shape: str, old: str, value: FlagValue) -> None:
    template, address = SHAPES[shape]
    text = "# é\nimport os\n" + template.format(old) + "print('ü')\n"
    changed = write_values(text, {address: value}, name="train.py")
    whole = "# é\nimport os\n" + template.format("VALUE") + "print('ü')\n"
    before, _, after = whole.partition("VALUE")
    assert changed.startswith(before)
    assert changed.endswith(after)
    assert len(changed.splitlines()) == len(text.splitlines())
    inner = changed[len(before) : len(changed) - len(after)]
    read = eval(inner)
    assert repr(tuple(read) if isinstance(read, list) else read) == repr(value)


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_an_address_is_shown_as_it_can_be_typed(shape: str) -> None:
    template, address = SHAPES[shape]
    found = {one.key: one for one in read_addresses(template.format("0.1"), name="a.py")}
    typed = address.replace("['", ".").replace("']", "").replace("(", ".").replace(")", "")
    one = found[typed.replace("[1]", ".1")]
    assert one.value == 0.1
    assert not one.reason


@pytest.mark.parametrize(
    "text",
    [
        "df = df.rename({'a': 1})\n",
        "frame = DataFrame({'a': 1})\n",
        "plt.rcParams.update({'a': 1})\n",
        "print(json.dumps({'a': 1}))\n",
        "post(url, {'a': 1})\n",
    ],
)
def test_a_mapping_of_data_has_no_addresses(text: str) -> None:
    assert not read_addresses(text, name="a.py")


def test_a_default_of_the_environment_stays_text() -> None:
    text = 'import os\nLR = float(os.environ.get("LR", "0.1"))\n'
    changed = write_values(text, {"environ(LR)": 1e-5}, name="a.py")
    assert changed == "import os\nLR = float(os.environ.get(\"LR\", '1e-05'))\n"
    ast.parse(changed)


@pytest.mark.parametrize(
    ("text", "address", "reason"),
    [
        pytest.param(
            "def train(lr=0.1): pass\ntrain(lr=args.lr)\n", "train.lr", "call in line 2",
            id="every call gives it",
        ),
        pytest.param(
            "@dataclass\nclass C:\n    lr: float = 0.1\nC(lr=f())\n", "C.lr", "call in line 4",
            id="the only object has another",
        ),
        pytest.param("p = {'a': 1}\np['a'] = 2\n", "p.a", "in lines 1 and 2", id="set twice"),
        pytest.param("p = {'a': 1}\np['a'] = f()\n", "p.a", "in line 2", id="computed later"),
        pytest.param("m = A(x=1)\nn = A(x=2)\n", "A(x)", "in lines 1 and 2", id="two calls"),
    ],
)  # fmt: skip
def test_what_would_have_no_effect_is_refused(text: str, address: str, reason: str) -> None:
    with pytest.raises(FlagError, match=reason):
        write_values(text, {address: 5}, name="a.py")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("def main():\n    total = 0\n    total += 1\n", id="a sum"),
        pytest.param("def main():\n    for i in x: i = 0\n", id="a counter"),
        pytest.param("def main(x):\n    x = 0\n", id="an argument"),
        pytest.param("parser.add_argument('--lr', default=0.1, type=float)\n", id="an option"),
        pytest.param("class Color(Enum):\n    RED = 1\n", id="members of an enumeration"),
        pytest.param("class A:\n    _x = 1\n", id="a private name"),
        pytest.param("p = {'a': f(1)}\n", id="a computed value"),
    ],
)
def test_what_nobody_sets_has_no_address(text: str) -> None:
    assert read_addresses(text, name="a.py") == ()


def test_a_call_that_gives_a_constant_counts_more_than_the_default() -> None:
    text = "def train(lr=0.1): pass\ntrain(lr=0.2)\n"
    assert [one.value for one in read_addresses(text, name="a.py")] == [0.2]
    assert "train(lr=0.5)" in write_values(text, {"train.lr": 0.5}, name="a.py")
