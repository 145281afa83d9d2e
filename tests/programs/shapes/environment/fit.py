import os

LR = float(os.environ.get("LR", 0.02))
ROUNDS = int(os.getenv("ROUNDS", "2"))
print(f"loss: {(LR - 0.3) ** 2}")
