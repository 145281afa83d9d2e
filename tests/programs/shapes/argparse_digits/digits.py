import argparse
import os

DATA = "../data/digits"


def read():
    os.makedirs(DATA, exist_ok=True)
    path = os.path.join(DATA, "digits.bin")
    if not os.path.exists(path):
        print("fetching the digits")
        with open(path, "w") as file:
            file.write("0" * 7)
    with open(path) as file:
        return file.read()


def main():
    parser = argparse.ArgumentParser(description="Digits")
    parser.add_argument("--lr", type=float, default=0.5, metavar="RATE")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--no-gpu", action="store_true")
    parser.add_argument("--keep", action="store_true")
    args = parser.parse_args()
    print(f"bytes_read: {len(read())}")
    print(f"on_gpu: {int(not args.no_gpu)}")
    for epoch in range(1, args.rounds + 1):
        loss = (args.lr - 0.3) ** 2 + 1 / epoch
        for batch in range(2):
            part = f"[{batch * 32}/64 ({50 * batch}%)]"
            print(f"Train Epoch: {epoch} {part}\tLoss: {loss:.6f}")
        print(f"\nTest set: Average loss: {loss / 2:.4f}, Accuracy: 9100/10000 (91%)\n")


if __name__ == "__main__":
    main()
