import argparse


def train(args):
    raise SystemExit("trained")
def add(sub, name, function, **options):
    one = sub.add_parser(name)
    for key, value in options.items():
        one.add_argument("--" + key, type=type(value), default=value)
    one.set_defaults(function=function)
parser = argparse.ArgumentParser()
sub = parser.add_subparsers()
add(sub, "train", train, lr=0.1, epochs=2)
add(sub, "eval", train, split="test")
args = parser.parse_args()
args.function(args)
raise SystemExit("trained")
