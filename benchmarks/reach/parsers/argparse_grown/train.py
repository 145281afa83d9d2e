import argparse

from base import make_parser


def setup() -> argparse.ArgumentParser:
    parser = make_parser()
    parser.add_argument("--tau", type=float, default=0.5)
    return parser


args = setup().parse_args()
raise SystemExit("trained")
