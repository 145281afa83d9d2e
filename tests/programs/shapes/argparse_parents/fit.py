import argparse

base = argparse.ArgumentParser(add_help=False)
base.add_argument("--seed", type=int, default=5)
parser = argparse.ArgumentParser(
    parents=[base], formatter_class=argparse.ArgumentDefaultsHelpFormatter
)
group = parser.add_argument_group("solver")
group.add_argument("--learning_rate", "--lr", type=float, default=0.02)
kinds = parser.add_mutually_exclusive_group()
kinds.add_argument("--slow", action="store_true")
kinds.add_argument("--quick", action="store_true")
args = parser.parse_args()
print(f"loss: {(args.learning_rate - 0.3) ** 2 + args.seed}")
