import argparse


def read_args():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=0.02)
    return parser.parse_args()
