import argparse
import csv

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.02)
parser.add_argument("--table", default="data/points.csv")
args = parser.parse_args()
with open(args.table) as file:
    rows = list(csv.reader(file))
print(f"loss: {(args.lr - 0.3) ** 2 + len(rows)}")
