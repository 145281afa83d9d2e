"""Ways in which public programs print numbers, in lines of our own."""

import pytest

from tests.output.test_scalars import points
from tunesmith.output.scalars import OutputScalars


@pytest.mark.parametrize(
    ("line", "tag", "step"),
    [
        pytest.param("Ep. 7 | loss 1.5", "loss", 7, id="a full stop"),
        pytest.param("epoch-7 loss 1.5", "loss", 7, id="a hyphen"),
        pytest.param("it: 7, loss: 1.5", "loss", 7, id="it"),
        pytest.param("train_step=7 loss=1.5", "loss", 7, id="within a longer name"),
        pytest.param("cur_epoch: 7 loss: 1.5", "loss", 7, id="the current epoch"),
        pytest.param("7epoch results: loss=1.5", "loss", 7, id="a number before its unit"),
        pytest.param("the 7th epoch ends, loss=1.5", "loss", 7, id="an ordinal"),
        pytest.param("[7 steps] loss=1.5", "loss", 7, id="a plural in brackets"),
        pytest.param("loss: 1.5 after 7 batches", "loss", 7, id="after some"),
        pytest.param("Steps 7, loss: 1.5", "loss", 7, id="a plural at the beginning"),
        pytest.param("  7 loss=1.5 kl=0.25", "loss", 7, id="a number alone"),
        pytest.param("7 [D loss: 1.5]", "D_loss", 7, id="a number before brackets"),
        pytest.param("step 7,000: loss 1.5", "loss", 7000, id="thousands"),
        pytest.param("[step 7,000/90,000] loss 1.5", "loss", 7000, id="thousands of a total"),
        pytest.param("batch 3/9 of epoch 7, loss 1.5", "loss", 7, id="a part of an epoch"),
        pytest.param("Best epoch 7, val loss 1.5", "val_loss", 7, id="the best epoch"),
        pytest.param("Trial 7 ends with loss: 1.5", "loss", 7, id="a trial"),
        pytest.param(
            "2026-03-02 10:11:12 INFO Train: [7/9][10/20] loss 1.5", "loss", 7, id="a date before"
        ),
        pytest.param(
            "I0302 10:11:12.123456 140 log.py:48] [7] loss=1.5", "loss", 7, id="a logger before"
        ),
        pytest.param("loss after 7 epochs is 1.5", "loss", 7, id="a sentence"),
        pytest.param("2/9-Epoch 7 | loss: 1.5", "loss", 7, id="a hyphen before"),
        pytest.param("[Epoch] 7/9 [loss] 1.5", "loss", 7, id="brackets"),
        pytest.param(
            "epoch 7 loss: 1.5 best: 0.5 in epoch 3", "loss", 7, id="an earlier one behind"
        ),
        pytest.param("trained for 7 epochs, loss: 1.5", "loss", 0, id="a total"),
        pytest.param("saved to run-7/epoch_9.pt, loss: 1.5", "loss", 0, id="a file"),
    ],
)
def test_a_counter_is_the_step(line: str, tag: str, step: int) -> None:
    assert points(line)[tag] == [(step, 1.5)]


def test_the_best_epoch_counts_its_own_line_only() -> None:
    found = points("epoch 9", "Best epoch 7, val acc 0.5", "loss: 1.5")
    assert found == {"val_acc": [(7, 0.5)], "loss": [(9, 1.5)]}


@pytest.mark.parametrize(
    ("lines", "values"),
    [
        pytest.param(
            ["p 0.5 r 0.25 f1 0.75"], {"f1": 0.75, "p": 0.5, "r": 0.25}, id="names by turns"
        ),
        pytest.param(
            ["lr 0.5\ttime 0.1 (0.2)\tloss 1.5 (1.25)\tgnorm 2.5"],
            {"loss": 1.5, "gnorm": 2.5, "lr": 0.5},
            id="names by turns, with their means",
        ),
        pytest.param(
            ["a mean loss 1.5, b mean loss 2.5"],
            {"a_mean_loss": 1.5, "b_mean_loss": 2.5},
            id="whole cells where names repeat",
        ),
        pytest.param(["Val 0.75, Test 0.5"], {"Val": 0.75, "Test": 0.5}, id="only the data"),
        pytest.param(
            ["[('loss', 1.5), ('acc', 0.5)]"], {"loss": 1.5, "acc": 0.5}, id="pairs of Python"
        ),
        pytest.param(
            ["{'train': {'loss': 1.5}, 'val': {'loss': 2.5}, 'config': {'lr': 0.5}}"],
            {"train/loss": 1.5, "val/loss": 2.5},
            id="nested mappings of Python",
        ),
        pytest.param(
            ["F1 score:", "0.75", "0.25"], {"F1_score": 0.75}, id="the number in the next line"
        ),
        pytest.param(
            ["Best score", "0.75"], {"Best_score": 0.75}, id="a short name above its number"
        ),
        pytest.param(["acc - 0.75, f1 - 0.5"], {"acc": 0.75, "f1": 0.5}, id="hyphens between"),
        pytest.param(["MAE: 2.5 mins"], {"MAE": 2.5}, id="an error in minutes"),
        pytest.param(
            ["train loss: 1.5 - val loss: 2.5 - 12s"],
            {"train_loss": 1.5, "val_loss": 2.5},
            id="a time behind a hyphen",
        ),
        pytest.param(
            ["loss: 1.5 dt: 12.5ms tok/sec: 2.5"],
            {"loss": 1.5, "tok/sec": 2.5},
            id="a time before a name",
        ),
        pytest.param(
            ["Best: 0.75 using {'C': 10, 'tau': 0.5}"], {"Best": 0.75}, id="the settings of it"
        ),
        pytest.param(["Epoch 3 with {'loss': 1.5}"], {"loss": 1.5}, id="an epoch with its loss"),
        pytest.param(
            ["train: 100%|##| 5/5 [00:01<00:00, loss=1.5]", "val: 50%|# | 1/2 [00:01, loss=2.5]"],
            {"train/loss": 1.5, "val/loss": 2.5},
            id="names of progress bars",
        ),
        pytest.param(["acc: 91,5%, loss: 0,523 f1: 1,234.5"], {"f1": 1234.5}, id="decimal commas"),
        pytest.param(["RMSE:- 2.5"], {"RMSE": 2.5}, id="a colon and a hyphen"),
        pytest.param(
            ["Mean Squared Error Loss is : 2.5"],
            {"Mean_Squared_Error_Loss": 2.5},
            id="an error that is no level",
        ),
        pytest.param(
            ["new loss 0.5 old loss:0.75"],
            {"old_loss": 0.75, "new_loss": 0.5},
            id="a number before the name",
        ),
        pytest.param(
            ["loss: 0.5 | Epsilon 2.5"], {"loss": 0.5, "Epsilon": 2.5}, id="a cell beside results"
        ),
        pytest.param(["Neg. ELBO: 1.5"], {"Neg._ELBO": 1.5}, id="an abbreviation"),
        pytest.param(["f1 (micro avg) 0.75"], {"f1_(micro_avg)": 0.75}, id="a word in brackets"),
        pytest.param(["episode length: 21.5"], {"episode_length": 21.5}, id="of an episode"),
        pytest.param(
            ["Accuracy of a very large forest on training set: 0.75"],
            {"Accuracy_on_training_set": 0.75},
            id="a sentence about the training data",
        ),
    ],
)
def test_numbers_have_their_names(lines: list[str], values: dict[str, float]) -> None:
    assert {tag: value for tag, ((_, value),) in points(*lines).items()} == values


@pytest.mark.parametrize(
    "line",
    [
        "loss went down (inf --> 0.7)",
        "sizes: 29, 28, 30",
        "y = +3.2 x^4 -0.4 x^3",
        "encoder: 12312312",
        "max tokens per device = 4096",
        "Estimated size (MB): 384.5",
        "layer: 1",
        "Time difference:12.5",
        "loss after epoch:  3",
        "loss: [0.5, 0.75]",
        "KeyError: 'loss: 12'",
        "[CV 1/3; 1/6] START depth=3, size=1.5.....",
        'Config: {"net": {"kdim": 3}, "adam": {"tau": 0.5}}',
        "Running with config {'net': {'kdim': 3}, 'adam': {'tau': 0.5}}",
        "0.75 (+/-0.03) for {'C': 10, 'tau': 0.5}",
        "Downloading: 45%",
        "Early stopping patience: 5",
    ],
)
def test_a_line_reports_nothing(line: str) -> None:
    assert points(line, line) == {}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('Config:\n{\n  "net": {\n    "kdim": 3\n  },\n  "tau": 0.5\n}', id="JSON"),
        pytest.param("Parameters\n----------\nkdim: 3\ntau: 0.5\n", id="a rule below the title"),
        pytest.param("TrainingArguments(\nkdim=3,\ntau=0.5,\n)", id="an object"),
    ],
)
def test_settings_below_a_title_are_no_scalars(text: str) -> None:
    assert points(*text.split("\n"), "ratio 0.5", "gain = 1.5") == {"gain": [(0, 1.5)]}


@pytest.mark.parametrize(
    "line",
    [
        "10:11:12 INFO step {} loss={}",
        "{{'loss': {1}, 'epoch': {0}.0}}",
        "train: step={} loss={}",
    ],
)
def test_lines_that_are_known_are_read_alike(line: str) -> None:
    """The second line of a kind is read by its shape, and so is one with another sign."""
    ((_, found),) = points(*(line.format(n, n - 1.5) for n in range(4))).items()
    assert found == [(n, n - 1.5) for n in range(4)]


def test_an_objective_is_not_that_of_training_data() -> None:
    scalars = OutputScalars(flag_names=(), wanted=("accuracy",))
    scalars.feed("Accuracy: 0.5", 0.0)
    scalars.feed("Accuracy of a very large forest on training set: 0.75", 0.0)
    found = {one.tag: list(one.values) for one in scalars.series()}
    assert found == {"Accuracy": [0.5], "Accuracy_on_training_set": [0.75]}
