import numpy as np
import xgboost as xgb

params = {"eta": 0.2, "max_depth": 2, "objective": "reg:squarederror", "nthread": 1}
boost_rounds = 4
rng = np.random.default_rng(3)
inputs = rng.normal(size=(120, 3))
wanted = inputs[:, 0] - inputs[:, 1]
first, second = (xgb.DMatrix(inputs[part], wanted[part]) for part in (slice(80), slice(80, None)))
model = xgb.train(params, first, boost_rounds, evals=[(first, "train"), (second, "valid")])
model.save_model("boosted.json")
