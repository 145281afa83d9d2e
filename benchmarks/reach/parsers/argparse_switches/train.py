import argparse

parser = argparse.ArgumentParser()

parser.add_argument("--amp", action="store_true")
parser.add_argument("--no-aug", dest="aug", action="store_false")
parser.add_argument("--bn", action=argparse.BooleanOptionalAction, default=True)
parser.add_argument("--adam", dest="opt", action="store_const", const="adam")
args = parser.parse_args()
raise SystemExit("trained")
