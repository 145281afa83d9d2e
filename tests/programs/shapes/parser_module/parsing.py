import argparse


def get_parser():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", "--learning-rate", type=float, default=0.02, dest="rate")
    parser.add_argument("--rounds", type=int, default=2)
    return parser
