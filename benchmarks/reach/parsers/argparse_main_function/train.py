import argparse


def get_args():
    parser = argparse.ArgumentParser(description="train")
    parser.add_argument("--lr", type=float, default=0.1)
    return parser.parse_args()
def main():
    args = get_args()
    raise SystemExit("trained")
if __name__ == "__main__":
    main()
raise SystemExit("trained")
