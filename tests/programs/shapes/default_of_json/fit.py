import argparse
import json

parser = argparse.ArgumentParser()
parser.add_argument("--net-args", type=json.loads, default={"units": 8})
parser.add_argument("--device", default=None)
parser.add_argument("--lr", type=float, default=0.02)
args = parser.parse_args()
print(vars(args), args.net_args["units"])
print(f"loss: {args.lr}")
