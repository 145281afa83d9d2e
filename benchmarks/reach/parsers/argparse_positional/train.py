import argparse

parser = argparse.ArgumentParser()

parser.add_argument("data", metavar="DIR")
parser.add_argument("size", nargs="?", type=int, default=224)
parser.add_argument("--lr", type=float, default=0.1)
args = parser.parse_args()
raise SystemExit("trained")
