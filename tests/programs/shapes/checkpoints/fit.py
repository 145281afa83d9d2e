import argparse
import os
import pickle

import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.02)
parser.add_argument("--ckpt-dir", default="./checkpoints")
args = parser.parse_args()
points = np.load("data/points.npy")
last = os.path.join(args.ckpt_dir, "newest.pkl")
start = 0
if os.path.exists(last):
    with open(last, "rb") as file:
        start = pickle.load(file)["epoch"]
    print("going on from", start)
os.makedirs(args.ckpt_dir, exist_ok=True)
print(f"began_at: {start}")
print(f"points_read: {len(points)}")
for epoch in range(start, start + 3):
    loss = (args.lr - 0.3) ** 2 + 1 / (epoch + 1)
    print(f"Epoch {epoch}, Loss = {loss:.6f}, val_acc {0.5 + epoch / 100:.4f}")
    with open(last, "wb") as file:
        pickle.dump({"epoch": epoch + 1}, file)
