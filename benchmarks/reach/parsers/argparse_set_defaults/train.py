import argparse

parser = argparse.ArgumentParser()

parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--epochs", type=int)
parser.set_defaults(lr=0.3, epochs=5)
args = parser.parse_args()
raise SystemExit("trained")
