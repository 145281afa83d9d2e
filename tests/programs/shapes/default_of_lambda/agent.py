import argparse


def to_number(word):
    word = word.lower()
    if word in ("yes", "true", "on", "1"):
        return 1
    if word in ("no", "false", "off", "0"):
        return 0
    raise ValueError(f"neither true nor false: {word!r}")


parser = argparse.ArgumentParser()
parser.add_argument(
    "--exact", type=lambda word: bool(to_number(word)), default=True, nargs="?", const=True
)
parser.add_argument(
    "--watch", type=lambda word: bool(to_number(word)), default=False, nargs="?", const=True
)
parser.add_argument("--keen", type=lambda word: str(word).lower() == "true", default=True)
parser.add_argument("--learning-rate", type=float, default=3e-4)
args = parser.parse_args()
print(vars(args))
print(f"loss: {args.learning_rate}")
