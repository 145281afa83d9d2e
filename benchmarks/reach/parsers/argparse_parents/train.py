import argparse


base = argparse.ArgumentParser(add_help=False)
base.add_argument("--seed", type=int, default=0)
parser = argparse.ArgumentParser(parents=[base])
parser.add_argument("--lr", type=float, default=0.1)
args = parser.parse_args()
raise SystemExit("trained")
