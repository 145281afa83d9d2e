import sys

args = sys.argv[1:]
lr = float(args[0])
steps = int(args[1])
raise SystemExit("trained")
