import argparse

parser = argparse.ArgumentParser()

parser.add_argument("--lr", type=float, default="1e-3")
parser.add_argument("--n", type=int, default="3")
args = parser.parse_args()
raise SystemExit("trained")
