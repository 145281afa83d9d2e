import argparse

parser = argparse.ArgumentParser()

parser.add_argument("--lr", type=float, required=True)
group = parser.add_mutually_exclusive_group(required=True)
group.add_argument("--gpu", type=int)
group.add_argument("--cpu", action="store_true")
parser.add_argument("--version", action="version", version="1")
args = parser.parse_args()
raise SystemExit("trained")
