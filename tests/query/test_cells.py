import math

from hypothesis import example, given
from hypothesis import strategies as st

from tunesmith.query.attributes import Cell
from tunesmith.query.cells import cell_text, column_texts, one_line
from tunesmith.query.columns import Column, ColumnKind

NUMBERS = st.sampled_from([0, 1, -1, 0.0, -0.0, 1.0, 1e-5, 123456.7, 1e20, math.nan, math.inf])
SINGLE = st.one_of(
    st.none(), st.booleans(), NUMBERS, st.sampled_from(["", "a", "1", "a\nb", "損"])
)
CELLS = st.one_of(SINGLE, st.lists(SINGLE, max_size=2).map(tuple))


@given(
    st.sampled_from(
        [
            Column(kind=ColumnKind.FLAG, name="x"),
            Column(kind=ColumnKind.SCALAR, name="loss"),
            Column(kind=ColumnKind.ATTRIBUTE, name="started"),
            Column(kind=ColumnKind.ATTRIBUTE, name="time"),
        ]
    ),
    st.one_of(st.lists(CELLS), st.lists(st.floats()), st.lists(st.integers()), st.lists(NUMBERS)),
)
@example(Column(kind=ColumnKind.FLAG, name="x"), [(1,), (1.0,), (True,), None])
@example(Column(kind=ColumnKind.FLAG, name="x"), [True, 1, 1.0])
def test_a_column_is_put_into_words_as_its_cells_are(column: Column, cells: list[Cell]) -> None:
    if column.name == "time":  # no duration is less than nothing, or without end
        cells = [cell for cell in cells if not isinstance(cell, float) or 0 <= cell < 1e9]
    assert column_texts(column, cells) == [one_line(cell_text(column, cell)) for cell in cells]
