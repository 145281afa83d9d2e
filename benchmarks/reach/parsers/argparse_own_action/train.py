import argparse


class Pairs(argparse.Action):
    def __call__(self, parser, namespace, values, option_string=None):
        setattr(namespace, self.dest, dict(v.split("=") for v in values))
parser = argparse.ArgumentParser()
parser.add_argument("--opt-args", nargs="+", action=Pairs, default=None)
parser.add_argument("--lr", type=float, default=0.1)
args = parser.parse_args()
raise SystemExit("trained")
