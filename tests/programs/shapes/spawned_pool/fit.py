import argparse
import multiprocessing


def cube(x):
    return x**3


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=0.02)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--start", default="spawn")
    args = parser.parse_args()
    with multiprocessing.get_context(args.start).Pool(args.processes) as pool:
        total = sum(pool.map(cube, range(4)))
    print(f"loss: {(args.lr - 0.3) ** 2 + total}")


if __name__ == "__main__":
    main()
