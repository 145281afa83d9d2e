import argparse

parser = argparse.ArgumentParser()

parser.add_argument("-v", "--verbose", action="count", default=0)
parser.add_argument("--tag", action="append", default=["a"])
parser.add_argument("--add", action="extend", nargs="+", type=int, default=[1])
args = parser.parse_args()
raise SystemExit("trained")
