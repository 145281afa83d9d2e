import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.near_names import likeness, near_names


@pytest.mark.parametrize(
    ("typed", "known", "near"),
    [
        ("los", ["host", "loss"], ["loss"]),
        ("los", ["host", "cost", "acc"], []),
        (
            "val",
            ["val_loss", "value_of_the_gradient", "loss"],
            ["val_loss", "value_of_the_gradient"],
        ),
        ("loss", ["val/loss", "train#loss", "host"], ["val/loss", "train#loss"]),
        ("learning-rate", ["learning_rate", "rate"], ["learning_rate"]),
        ("Loss", ["loss"], ["loss"]),
        ("lable", ["compare", "label", "tag"], ["label"]),
        ("x", ["xyz", "y"], []),
        ("", ["loss"], []),
    ],
    ids=lambda one: str(one)[:12],
)
def test_the_likeliest_comes_first_and_the_far_fetched_not_at_all(
    typed: str, known: list[str], near: list[str]
) -> None:
    assert near_names(typed, known) == near


@given(name=st.text(min_size=1), others=st.lists(st.text()))
def test_a_name_is_most_like_itself(name: str, others: list[str]) -> None:
    assert likeness(name, name) == 1.0
    assert likeness(name, near_names(name, [name, *others])[0]) == 1.0
