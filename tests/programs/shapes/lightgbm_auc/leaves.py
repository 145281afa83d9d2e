import lightgbm as lgb
import numpy as np

learning_rate = 0.2
num_leaves = 7
rng = np.random.default_rng(3)
inputs = rng.normal(size=(240, 3))
wanted = (inputs[:, 0] + rng.normal(size=240) > 0).astype(int)
first = lgb.Dataset(inputs[:160], wanted[:160])
second = lgb.Dataset(inputs[160:], wanted[160:], reference=first)
params = {
    "objective": "binary",
    "metric": "auc",
    "learning_rate": learning_rate,
    "num_leaves": num_leaves,
    "num_threads": 1,
    "min_data_in_leaf": 4,
}
model = lgb.train(params, first, 3, valid_sets=[second], callbacks=[lgb.log_evaluation(1)])
model.save_model("leaves.txt")
