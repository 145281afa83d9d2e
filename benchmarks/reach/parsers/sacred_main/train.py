from sacred import Experiment

ex = Experiment("svm")
ex.add_config({"C": 1.0, "gamma": 0.7, "widths": [8, 8]})

@ex.named_config
def other():
    C = 2.0

@ex.main
def run(C, gamma):
    raise SystemExit("trained")

if __name__ == "__main__":
    ex.run_commandline()
