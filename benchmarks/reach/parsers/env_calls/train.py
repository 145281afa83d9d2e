import os
from os import environ, getenv

lr = float(os.environ.get("LR", 0.1))
epochs = int(os.getenv("EPOCHS", "3"))
name = environ.get("NAME", default="run")
data = os.environ["DATA"]
n = int(getenv("TOKEN_LENGTH") or 16)
cache = os.environ.get("HOME")
os.environ["OMP_NUM_THREADS"] = "1"
raise SystemExit("trained")
