import argparse

parser = argparse.ArgumentParser()

import data, model
parser.add_argument("--lr", type=float, default=0.1)
for one in (data, model):
    one.add_arguments(parser)
args = parser.parse_args()
raise SystemExit("trained")
