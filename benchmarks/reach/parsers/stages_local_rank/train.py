import argparse


launch = argparse.ArgumentParser()
launch.add_argument("--local_rank", type=int, default=0)
rank = launch.parse_known_args()[0].local_rank
parser = argparse.ArgumentParser(add_help=False)
for name in ("lr", "wd"):
    parser.add_argument("--" + name, type=float, default=0.1)
args, rest = parser.parse_known_args()
raise SystemExit("trained")
