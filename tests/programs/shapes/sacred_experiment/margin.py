from sacred import Experiment

ex = Experiment("margin")


@ex.config
def config():
    C = 2.0
    width = 0.5


@ex.automain
def run(C, width):
    print(f"loss: {(C - 0.3) ** 2 + width}")
    return C
