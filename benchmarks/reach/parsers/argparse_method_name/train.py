import argparse


parser = argparse.ArgumentParser()
add = parser.add_argument
add("--lr", type=float, default=0.1)
add("--epochs", type=int, default=3)
args = parser.parse_args()
raise SystemExit("trained")
