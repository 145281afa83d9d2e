from sys import argv

WIDTH = 8
lr = 0.1
if len(argv) > 1:
    lr = float(argv[1])
epochs = int(argv[2]) if len(argv) > 2 else None
raise SystemExit("trained")
