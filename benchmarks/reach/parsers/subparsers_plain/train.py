import argparse

parser = argparse.ArgumentParser()

parser.add_argument("--verbose", action="store_true")
sub = parser.add_subparsers(dest="command", required=True)
train = sub.add_parser("train")
train.add_argument("--lr", type=float, default=0.1)
test = sub.add_parser("test")
test.add_argument("path")
args = parser.parse_args()
raise SystemExit("trained")
