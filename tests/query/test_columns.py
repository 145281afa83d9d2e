from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.errors import QueryError
from tunesmith.query.attributes import ATTRIBUTES, Cell
from tunesmith.query.columns import Column, ColumnKind, parse_column, parse_columns, read_column
from tunesmith.scalar import Statistic
from tunesmith.trial import BatchProgress, Run

MakeRun = Callable[..., Run]


def test_a_list_of_columns_is_read_with_statistics_signs_steps_and_headings() -> None:
    assert parse_columns("min loss, =x, .label, val#acc step as s") == (
        Column(kind=ColumnKind.SCALAR, name="loss", statistic=Statistic.MIN),
        Column(kind=ColumnKind.FLAG, name="x"),
        Column(kind=ColumnKind.ATTRIBUTE, name="label"),
        Column(kind=ColumnKind.SCALAR, name="val#acc", wants_step=True, alias="s"),
    )


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("attr:label", ColumnKind.ATTRIBUTE, "label"),
        ("flag:loss", ColumnKind.FLAG, "loss"),
        ("scalar:label", ColumnKind.SCALAR, "label"),
        ("learning-rate", ColumnKind.ANY, "learning-rate"),
        ("min", ColumnKind.ANY, "min"),
        ("step", ColumnKind.ANY, "step"),
        ("train loss", ColumnKind.ANY, "train loss"),
    ],
)
def test_a_column_is_qualified_by_a_prefix(text: str, kind: ColumnKind, name: str) -> None:
    assert parse_column(text) == Column(kind=kind, name=name)


@pytest.mark.parametrize(
    "text", ["", " , ", "=", ".", "flag:", ".nothing", "min =x", ".label step"]
)
def test_what_names_no_column_is_an_error(text: str) -> None:
    with pytest.raises(QueryError):
        parse_columns(text)


def test_an_alias_may_hold_a_comma_between_quotes() -> None:
    assert [column.header for column in parse_columns("loss as 'a, b', x")] == ["a, b", "x"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x", 3),
        ("loss", 0.5),
        ("min loss", -0.5),
        ("first loss", 1.5),
        ("mean loss", 1.0),
        ("count loss", 8),
        ("loss step", 7),
        ("mean loss step", None),
        ("acc", 0.25),
        ("val#acc", 0.25),
        ("=missing", None),
        ("missing", None),
        ("label", "good"),
        ("scalar:label", 9.0),
        (".label", "good"),
        ("run", "00000000"),
        ("batch", "bbbbbbbb"),
        ("tags", ("a", "b")),
        ("time", 0.75),
        ("status", "completed"),
        ("sourcecode", "abcdef01"),
        ("step", 7),
    ],
)
def test_a_column_is_read_from_a_run(make_run: MakeRun, text: str, expected: Cell) -> None:
    run = make_run(
        7,
        flags={"x": 3, "label": "the flag"},
        scalars={"loss": 0.5, "val/acc": 0.25, "label": 9.0},
        label="good",
        tags=("a", "b"),
        source_digest="abcdef0123456789",
    )

    assert read_column(parse_column(text), run) == expected


def test_every_attribute_can_be_read_of_a_run_that_has_nothing_yet(make_run: MakeRun) -> None:
    run = make_run(started=None, stopped=None, seconds=None, exit_code=None)

    cells = {name: read_column(Column(name=name), run) for name in ATTRIBUTES}

    assert [cells[name] for name in ("started", "time", "exit_code", "step")] == [None] * 4


def test_a_single_run_is_of_no_batch_and_a_batch_of_itself(make_run: MakeRun) -> None:
    single = make_run(3, batch=f"{3:032x}")
    batch = make_run(4, batch=f"{4:032x}", progress=BatchProgress(total=1, counts={}))

    assert read_column(Column(name="batch"), single) is None
    assert read_column(Column(name="batch"), batch) == "00000000"


def test_the_step_is_that_of_the_loss_before_that_of_another_scalar(make_run: MakeRun) -> None:
    accuracy_only = make_run(5, scalars={"acc": 1.0})

    assert read_column(Column(name="step"), accuracy_only) == 5


@settings(deadline=None, max_examples=150)
@given(st.text(max_size=40))
def test_any_text_is_columns_or_a_query_error(text: str) -> None:
    with suppress(QueryError):
        assert parse_columns(text)


@settings(deadline=None, max_examples=100)
@given(
    kind=st.sampled_from(ColumnKind),
    name=st.sampled_from(["label", "status", "time"]),
    statistic=st.sampled_from(Statistic),
    wants_step=st.booleans(),
)
def test_a_qualified_text_reads_back_as_the_column(
    kind: ColumnKind, name: str, statistic: Statistic, wants_step: bool
) -> None:
    is_scalar = kind is ColumnKind.SCALAR
    column = Column(
        kind=kind,
        name=name,
        statistic=statistic if is_scalar else Statistic.LAST,
        wants_step=wants_step and is_scalar,
    )

    assert parse_column(column.qualified) == column
