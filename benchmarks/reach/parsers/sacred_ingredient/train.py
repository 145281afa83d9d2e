from sacred import Experiment, Ingredient

data = Ingredient("data")

@data.config
def data_config():
    path = "mnist"
    n = 100

ex = Experiment("train", ingredients=[data])

@ex.config
def config():
    lr = 0.1

@ex.automain
def run(lr):
    raise SystemExit("trained")
