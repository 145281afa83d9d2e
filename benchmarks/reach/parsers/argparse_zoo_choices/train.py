import argparse

parser = argparse.ArgumentParser()

import zoo
names = sorted(n for n in vars(zoo) if n.islower() and callable(vars(zoo)[n]))
parser.add_argument("-a", "--arch", default="resnet", choices=names)
args = parser.parse_args()
raise SystemExit("trained")
