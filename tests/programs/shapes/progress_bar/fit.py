import argparse

from tqdm import tqdm

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.02)
args = parser.parse_args()
for epoch in range(2):
    bar = tqdm(range(10), desc=f"Epoch {epoch}")
    for step in bar:
        loss = (args.lr - 0.3) ** 2
        bar.set_postfix(loss=loss, acc=0.5, refresh=step == 9)
    tqdm.write(f"Epoch {epoch} val loss: {2 + loss:.4f} val acc: {0.75:.4f}")
