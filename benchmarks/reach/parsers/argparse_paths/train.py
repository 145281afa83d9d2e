import argparse


from pathlib import Path
parser = argparse.ArgumentParser()
parser.add_argument("--out", type=Path, default=Path("out"))
parser.add_argument("--log", type=argparse.FileType("w"), default=None)
args = parser.parse_args()
raise SystemExit("trained")
