import argparse

parser = argparse.ArgumentParser()

KINDS = ["adam", "sgd"]
parser.add_argument("--opt", choices=KINDS, default="sgd")
parser.add_argument("--depth", type=int, choices=[18, 34, 50], default=18)
args = parser.parse_args()
raise SystemExit("trained")
