import argparse


def str2bool(v):
    if isinstance(v, bool):
        return v
    if v.lower() in ("yes", "true", "t", "1"):
        return True
    if v.lower() in ("no", "false", "f", "0"):
        return False
    raise argparse.ArgumentTypeError("expected a boolean")
parser = argparse.ArgumentParser()
parser.add_argument("--amp", type=str2bool, nargs="?", const=True, default=False)
parser.add_argument("--ema", type=str2bool, default=True)
args = parser.parse_args()
raise SystemExit("trained")
