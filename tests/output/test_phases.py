"""Numbers of which only words beside their names say of what data they are."""

import pytest

from tests.output.test_scalars import points
from tunesmith.output.scalars import OutputScalars
from tunesmith.scalar_names import meant_tag


@pytest.mark.parametrize(
    ("lines", "tags"),
    [
        pytest.param(
            ["train: loss=1.5 acc=0.2", "valid: loss=2.5 acc=0.1"],
            ["train/loss", "train/acc", "valid/loss", "valid/acc"],
            id="a word and a colon",
        ),
        pytest.param(
            ["[Train] loss 1.5", "[Test] loss 2.5"], ["Train/loss", "Test/loss"], id="brackets"
        ),
        pytest.param(
            ["epoch 1 [train] loss: 1.5, f1: 0.5 [val] loss: 2.5, f1: 0.4"],
            ["train/loss", "train/f1", "val/loss", "val/f1"],
            id="two in a line",
        ),
        pytest.param(
            ["loss: 1.5", "eval epoch: 3, loss: 2.5", "Test: [0/9] loss: 3.5"],
            ["loss", "eval/loss", "Test/loss"],
            id="a word before a counter",
        ),
        pytest.param(
            ["Train Loss: 1.5 Acc: 0.2", "Val Loss: 2.5 Acc: 0.1"],
            ["Train_Loss", "Train/Acc", "Val_Loss", "Val/Acc"],
            id="the word of the line's first name",
        ),
        pytest.param(
            ["train loss: 1.5, acc: 0.2, val loss: 2.5, acc: 0.1"],
            ["train_loss", "train/acc", "val_loss", "val/acc"],
            id="the word of the name before",
        ),
        pytest.param(
            ["(view=1) train photo=1.5 flow=2.5 | val photo=1.25 flow=2.25"],
            ["view", "train_photo", "train/flow", "val_photo", "val/flow"],
            id="the word of the name before, for names that repeat",
        ),
        pytest.param(
            ["Training:", "  loss 1.5", "Validation:", "  loss 2.5", "epoch 2", "loss 3.5"],
            ["Training/loss", "Validation/loss", "loss"],
            id="titles, until something else begins",
        ),
        pytest.param(
            ["Results on the test set:", "RMSE: 1.5", "", "MAE: 2.5"],
            ["test/RMSE", "MAE"],
            id="a title, until a blank line",
        ),
        pytest.param(
            ["train: loss=1.5 lr=0.1 train_acc=0.5"],
            ["train/loss", "lr", "train_acc"],
            id="neither twice nor for rates",
        ),
        pytest.param(
            ["train loss: 1.5, val loss: 2.5, f1: 0.5"],
            ["train_loss", "val_loss", "f1"],
            id="a name of no one of two",
        ),
        pytest.param(
            ["INFO train: loss: 1.5", "Training...", "acc: 0.5"],
            ["loss", "acc"],
            id="a logger's name and a message are none",
        ),
    ],
)
def test_the_data_is_a_part_of_the_tag(lines: list[str], tags: list[str]) -> None:
    assert list(points(*lines)) == tags


def test_a_title_is_not_taken_for_the_lines_of_the_next_epoch() -> None:
    """The same lines again, most of which are known by now."""
    block = ["Epoch {}", "loss: 1.5", "Validation:", "  loss: 2.5"]
    found = points(*(line.format(epoch) for epoch in range(1, 5) for line in block))
    assert found == {
        "loss": [(epoch, 1.5) for epoch in range(1, 5)],
        "Validation/loss": [(epoch, 2.5) for epoch in range(1, 5)],
    }


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("valid loss", "valid/loss"),
        ("valid_loss", "valid/loss"),
        ("val loss", "valid/loss"),
        ("validation_acc", "valid/acc"),
        ("loss", "valid/loss"),
        ("acc", "valid/acc"),
        ("train loss", "train/loss"),
        ("test loss", None),
    ],
)
def test_an_objective_is_found_by_the_words_that_were_printed(
    name: str, meant: str | None
) -> None:
    scalars = OutputScalars(flag_names=(), wanted=(name,))
    scalars.feed("train: loss=1.5 acc=0.2", 0.0)
    scalars.feed("valid: loss=2.5 acc=0.1", 0.0)
    assert meant_tag(name, [one.tag for one in scalars.series()]) == meant
