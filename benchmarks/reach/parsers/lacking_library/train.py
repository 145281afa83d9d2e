import argparse

import library_that_nobody_has as lib
from library_that_nobody_has import nn
from models import MODELS

parser = argparse.ArgumentParser()
parser.add_argument("--model", choices=list(MODELS), default="small")
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--device", default=lib.best_device())
args = parser.parse_args()
raise SystemExit("trained")
