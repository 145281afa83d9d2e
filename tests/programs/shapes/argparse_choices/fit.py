import argparse
import enum
import pathlib


class Solver(enum.Enum):
    ADAM = "adam"
    SGD = "sgd"

    def __str__(self):
        return self.value


parser = argparse.ArgumentParser()
parser.add_argument("--solver", type=Solver, choices=list(Solver), default=Solver.ADAM)
parser.add_argument("--units", type=int, nargs="+", default=[8, 8])
parser.add_argument("--note", action="append", default=[])
parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("out"))
parser.add_argument("--act", choices=["tanh", "relu"], default="tanh")
parser.add_argument("-n", type=int, default=2)
parser.add_argument("--lr", type=float, default=0.02)
args = parser.parse_args()
print(f"loss: {(args.lr - 0.3) ** 2 + 2 * (args.solver is Solver.SGD)}")
print(f"unit_sum: {sum(args.units)}")
print(f"given_n: {args.n}")
