"""What libraries print in their installed versions."""

import subprocess
import sys

import pytest

from tunesmith.output.scalars import OutputScalars

DATA = """
import numpy
x = numpy.random.default_rng(0).random((200, 3))
y = (x[:, 0] > 0.5).astype(int)
"""
XGBOOST = """
import xgboost
data = xgboost.DMatrix(x, y)
xgboost.train({"eta": 0.3}, data, 3, evals=[(data, "train"), (data, "valid")])
"""
LIGHTGBM = """
import lightgbm
data = lightgbm.Dataset(x, y)
lightgbm.train(
    {"objective": "binary", "metric": ["auc", "binary_logloss"], "num_threads": 1}, data, 3,
    valid_sets=[data.create_valid(x, y)], callbacks=[lightgbm.log_evaluation(1)],
)
"""
SKLEARN = """
from sklearn.metrics import classification_report
from sklearn.neural_network import MLPClassifier
model = MLPClassifier(max_iter=3, verbose=True, random_state=0).fit(x, y)
print(classification_report(y, model.predict(x), zero_division=0))
"""


@pytest.mark.parametrize(
    ("program", "tags"),
    [
        pytest.param(XGBOOST, {"train-rmse": [0, 1, 2], "valid-rmse": [0, 1, 2]}, id="xgboost"),
        pytest.param(
            LIGHTGBM,
            {"valid_0's_auc": [1, 2, 3], "valid_0's_binary_logloss": [1, 2, 3]},
            id="lightgbm",
        ),
        pytest.param(
            SKLEARN,
            {
                "loss": [1, 2, 3],
                "accuracy": [3],
                **{
                    f"{kind}_avg_{name}": [3]
                    for kind in ("macro", "weighted")
                    for name in ("precision", "recall", "f1-score")
                },
            },
            id="scikit-learn",
        ),
    ],
)
def test_what_a_library_prints_is_read(program: str, tags: dict[str, list[int]]) -> None:
    command = [sys.executable, "-W", "ignore", "-c", DATA + program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    scalars = OutputScalars(flag_names=())
    for line in (done.stdout + done.stderr).splitlines():
        scalars.feed(line, 0.0)
    assert {one.tag: list(one.steps) for one in scalars.series()} == tags
