import argparse
import json

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.02)
args = parser.parse_args()
for epoch in range(3):
    loss = (args.lr - 0.3) ** 2
    print(json.dumps({"epoch": epoch, "loss": loss, "val": {"acc": 0.75}}))
