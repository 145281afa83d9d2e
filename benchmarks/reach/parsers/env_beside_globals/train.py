import os

WIDTH = 8
rank = 3
lr = float(os.environ.get("LR", "0.1"))
local = int(os.environ.get("LOCAL_RANK", 0))
raise SystemExit("trained")
