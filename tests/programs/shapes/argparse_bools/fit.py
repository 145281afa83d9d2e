import argparse


def to_bool(word):
    if isinstance(word, bool):
        return word
    if word.lower() in ("yes", "true", "1"):
        return True
    if word.lower() in ("no", "false", "0"):
        return False
    raise argparse.ArgumentTypeError("yes or no")


parser = argparse.ArgumentParser()
parser.add_argument("--half", type=to_bool, nargs="?", const=True, default=False)
parser.add_argument("--norm", action=argparse.BooleanOptionalAction, default=True)
parser.add_argument("--no-gpu", action="store_true", default=False)
parser.add_argument("--no-flip", dest="flip", action="store_false")
parser.add_argument("--odd", type=bool, default=True)
parser.add_argument(
    "--exact", type=lambda word: str(word).lower() == "true", default=True, nargs="?", const=True
)
parser.add_argument("--lr", type=float, default=0.02)
args = parser.parse_args()
print(f"loss: {(args.lr - 0.3) ** 2 + 2 * args.half + 4 * args.norm}")
for name in ("no_gpu", "flip", "odd", "exact"):
    print(f"is_{name}: {int(getattr(args, name))}")
