import argparse

parser = argparse.ArgumentParser()

g = parser.add_argument_group("optimizer")
g.add_argument("--lr", type=float, default=0.1)
h = parser.add_argument_group("model")
h.add_argument("--layers", type=int, default=2)
args, rest = parser.parse_known_args()
raise SystemExit("trained")
