import argparse
import os
import sys

sys.path.append(os.path.join(os.path.dirname(__file__), ".."))
from lib.losses import parabola

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.02)
parser.add_argument("--setup", default="setups/one.txt")
args = parser.parse_args()
with open(args.setup) as file:
    print(f"letters_read: {len(file.read())}")
print(f"loss: {parabola(args.lr)}")
