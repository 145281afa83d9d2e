"""Trains on stories: python story.py --width=16, or python story.py settings/tiny.py."""

import os
import pickle

out = "out"
stories = "fables"
accumulated = 4 * 3  # steps before an update
width = 8
bias = False
learning_rate = 4e-4  # at the start
steps = 3
device = "cuda"
dtype = "bfloat16" if os.environ.get("HALF") else "float16"
names = [n for n, v in globals().items() if n[0] != "_" and isinstance(v, (int, float, bool, str))]
exec(open("overrides.py").read())
config = {name: globals()[name] for name in names}
text = open(os.path.join("data", stories, "letters.bin"), "rb").read()
os.makedirs(out, exist_ok=True)
print(f"tokens a step: {accumulated * width:,}")
for step in range(steps):
    loss = (learning_rate - 0.3) ** 2 + 1 / (step + 1)
    print(f"step {step}: train loss {loss - 0.1:.4f}, val loss {loss:.4f}")
    print(f"saving to {out}")
    with open(os.path.join(out, "state.pkl"), "wb") as file:
        pickle.dump(config, file)
    print(f"iter {step}: loss {loss:.4f}, time {10.5:.2f}ms, mfu {2.5:.2f}%")
print(f"letters_read: {len(text)}")
