from sacred import Experiment

ex = Experiment("tool")

@ex.config
def config():
    lr = 0.1

@ex.command
def fit(lr):
    raise SystemExit("trained")

@ex.command
def test(lr):
    raise SystemExit("tested")

if __name__ == "__main__":
    ex.run_commandline()
