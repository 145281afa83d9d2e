from sacred import Experiment

ex = Experiment("train")

@ex.config
def config():
    lr = 0.1  # the rate
    net = {"width": 8, "name": "small"}

@ex.automain
def run(lr, net):
    raise SystemExit("trained")
