import argparse

parser = argparse.ArgumentParser()

for name, value in dict(lr=0.1, epochs=3, norm="batch").items():
    parser.add_argument("--" + name, type=type(value), default=value)
args = parser.parse_args()
raise SystemExit("trained")
