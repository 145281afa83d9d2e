import argparse


parser = argparse.ArgumentParser(prefix_chars="+-")
parser.add_argument("++lr", type=float, default=0.1)
parser.add_argument("--n", type=int, default=3)
args = parser.parse_args()
raise SystemExit("trained")
