import argparse
from argparse import ArgumentParser

import helper

args: argparse.Namespace = helper.read_args()
print(f"loss: {(args.lr - 0.3) ** 2}")
