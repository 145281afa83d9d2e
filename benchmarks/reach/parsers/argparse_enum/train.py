import argparse


import enum
class Opt(enum.Enum):
    ADAM = "adam"
    SGD = "sgd"
    def __str__(self):
        return self.value
parser = argparse.ArgumentParser()
parser.add_argument("--opt", type=Opt, choices=list(Opt), default=Opt.ADAM)
args = parser.parse_args()
raise SystemExit("trained")
