import argparse


def ints(text):
    return [int(one) for one in text.split(",")]
parser = argparse.ArgumentParser()
parser.add_argument("--milestones", type=ints, default=[30, 60])
args = parser.parse_args()
raise SystemExit("trained")
