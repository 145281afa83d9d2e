import argparse


def strtobool(v):
    return {"yes": 1, "true": 1, "1": 1, "no": 0, "false": 0, "0": 0}[v.lower()]
parser = argparse.ArgumentParser()
parser.add_argument("--cuda", type=lambda x: bool(strtobool(x)), default=True, nargs="?", const=True)
parser.add_argument("--track", type=lambda x: str(x).lower() == "true", default=False)
args = parser.parse_args()
raise SystemExit("trained")
