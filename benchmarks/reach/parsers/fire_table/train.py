from fire import Fire

def train(lr=0.1):
    raise SystemExit("trained")

def evaluate(path="best"):
    raise SystemExit("tested")

if __name__ == "__main__":
    Fire({"train": train, "test": evaluate})
