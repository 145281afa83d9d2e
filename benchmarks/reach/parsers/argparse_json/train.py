import argparse


import json
parser = argparse.ArgumentParser()
parser.add_argument("--kwargs", type=json.loads, default={"depth": 3})
parser.add_argument("--sizes", type=json.loads, default="[1, 2]")
args = parser.parse_args()
raise SystemExit("trained")
