import argparse


import enum
class Size(enum.IntEnum):
    small = 1
    large = 2
parser = argparse.ArgumentParser()
parser.add_argument("--size", type=lambda t: Size[t], choices=list(Size), default=Size.small)
args = parser.parse_args()
raise SystemExit("trained")
