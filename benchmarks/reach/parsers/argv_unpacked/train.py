import sys

def main():
    data, rate = sys.argv[1:3]
    raise SystemExit(f"trained {data} {float(rate)}")

main()
