import argparse

from tensorboardX import SummaryWriter

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.02)
args = parser.parse_args()
writer = SummaryWriter()
for epoch in range(3):
    loss = (args.lr - 0.3) ** 2
    writer.add_scalar("Loss/val", 1 + loss, epoch)
    writer.add_scalar("loss", loss, epoch)
writer.close()
