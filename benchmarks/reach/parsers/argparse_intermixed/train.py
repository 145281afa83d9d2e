import argparse

parser = argparse.ArgumentParser()

parser.add_argument("files", nargs="*", default=["a"])
parser.add_argument("--lr", type=float, default=1 / 10)
args = parser.parse_intermixed_args()
raise SystemExit("trained")
