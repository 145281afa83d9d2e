"""LightGBM on Friedman's first problem, with its own lines of evaluation."""

import argparse

import lightgbm as lgb
from sklearn.datasets import make_friedman1
from sklearn.model_selection import train_test_split

parser = argparse.ArgumentParser()
parser.add_argument("--learning-rate", type=float, default=0.05)
parser.add_argument("--num-leaves", type=int, default=31)
parser.add_argument("--min-child-samples", type=int, default=20)
parser.add_argument("--rounds", type=int, default=400)
args = parser.parse_args()

X, y = make_friedman1(80_000, n_features=20, noise=2.0, random_state=0)
X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.3, random_state=0)
model = lgb.LGBMRegressor(
    learning_rate=args.learning_rate,
    num_leaves=args.num_leaves,
    min_child_samples=args.min_child_samples,
    n_estimators=args.rounds,
    n_jobs=1,
    verbose=-1,
)
model.fit(
    X_train,
    y_train,
    eval_set=[(X_val, y_val)],
    eval_metric="rmse",
    callbacks=[lgb.log_evaluation(10)],
)
