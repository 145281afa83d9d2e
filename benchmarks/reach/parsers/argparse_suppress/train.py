import argparse

parser = argparse.ArgumentParser()

parser.add_argument("--lr", type=float, default=argparse.SUPPRESS)
parser.add_argument("--n", type=int, default=3, help=argparse.SUPPRESS)
args = parser.parse_args()
raise SystemExit("trained")
