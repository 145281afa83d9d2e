import argparse

parser = argparse.ArgumentParser()

parser.add_argument("--hidden", type=int, nargs="+", default=[64, 64])
parser.add_argument("--betas", type=float, nargs=2, default=(0.9, 0.999))
parser.add_argument("--gpus", type=int, nargs="*", default=None)
args = parser.parse_args()
raise SystemExit("trained")
