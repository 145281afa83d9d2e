import argparse

parser = argparse.ArgumentParser()

parser.add_argument("--lr", "--learning-rate", type=float, default=0.1, dest="rate")
parser.add_argument("--wd", "--weight-decay", type=float, default=1e-4, dest="weight_decay")
args = parser.parse_args()
raise SystemExit("trained")
