import fire
from math import sqrt

def train(lr=0.1, *, kwonly=3, **others):
    raise SystemExit(f"trained {sqrt(lr)}")

if __name__ == "__main__":
    fire.Fire()
