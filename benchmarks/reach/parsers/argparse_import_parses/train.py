import argparse
from config import args
print(args.lr)
raise SystemExit("trained")
