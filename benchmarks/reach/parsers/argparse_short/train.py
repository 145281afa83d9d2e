import argparse

parser = argparse.ArgumentParser()

parser.add_argument("-n", type=int, default=3)
parser.add_argument("-lr", type=float, default=0.1)
parser.add_argument("-b", "--batch-size", type=int, default=32)
args = parser.parse_args()
raise SystemExit("trained")
