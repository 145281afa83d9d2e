import argparse


def fit(args):
    print(f"loss: {(args.lr - 0.3) ** 2}")


def check(args):
    print("accuracy: 0.25")


parser = argparse.ArgumentParser()
parser.add_argument("--loud", action="store_true")
commands = parser.add_subparsers(dest="command", required=True)
fitting = commands.add_parser("fit")
fitting.add_argument("--lr", type=float, default=0.02)
fitting.add_argument("--rounds", type=int, default=1)
fitting.set_defaults(call=fit)
checking = commands.add_parser("check")
checking.add_argument("--weights", default="w")
checking.set_defaults(call=check)
args = parser.parse_args()
args.call(args)
