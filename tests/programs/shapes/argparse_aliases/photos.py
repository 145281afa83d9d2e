import argparse
import os

import nets

NAMES = sorted(name for name, net in vars(nets).items() if name.islower() and callable(net))
parser = argparse.ArgumentParser(description="Photos")
parser.add_argument("folder", metavar="DIR", nargs="?", default="photos")
parser.add_argument("-a", "--net", default="narrow", choices=NAMES, help=" | ".join(NAMES))
parser.add_argument("-b", "--batch-size", type=int, default=64)
parser.add_argument("--lr", "--learning-rate", type=float, default=0.5, dest="lr")
parser.add_argument("--wd", "--weight-decay", type=float, default=1e-3, dest="weight_decay")
parser.add_argument("--seed", type=int, default=None)


def main():
    args = parser.parse_args()
    print(f"=> making the net '{args.net}'")
    loss = (args.lr - 0.3) ** 2 + args.weight_decay
    for epoch in range(2):
        print(f"Epoch: [{epoch}][ 5/50]\tTime  0.2 ( 0.3)\tLoss {loss:.4e} ({loss:.4e})")
        print(f" *   Acc@1 {80 - loss:.3f} Acc@5 {95 - loss:.3f}")
    print(f"photos_seen: {len(os.listdir(args.folder))}")


if __name__ == "__main__":
    main()
