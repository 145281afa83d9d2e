import argparse

from values import defaults

parser = argparse.ArgumentParser()
for name, value in defaults.items():
    parser.add_argument("--" + name, default=value, type=type(value))
args = parser.parse_args()
print(f"loss: {(args.lr - 0.3) ** 2}")
