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
parser.add_argument("--half", type=to_bool, default=False)
parser.add_argument("--lr", type=float, default=0.02)
args = parser.parse_args()
print(vars(args))
print(f"loss: {args.lr}")
