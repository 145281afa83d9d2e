import argparse

parser = argparse.ArgumentParser()

import os
parser.add_argument("--seed", type=int, default=os.getpid())
parser.add_argument("--width", type=int, default=2 ** 6)
args = parser.parse_args()
raise SystemExit("trained")
