import argparse

parser = argparse.ArgumentParser()

parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--epochs", type=int, default=10)
parser.add_argument("--name", default="run")
args = parser.parse_args()
raise SystemExit("trained")
