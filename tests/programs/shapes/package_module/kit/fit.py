import argparse

from .losses import parabola


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=0.02)
    print(f"loss: {parabola(parser.parse_args().lr)}")


if __name__ == "__main__":
    main()
