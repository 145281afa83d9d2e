import fire

class Trainer:
    def __init__(self, width: int = 8):
        raise SystemExit("made")

    def fit(self, lr: float = 0.1):
        raise SystemExit("trained")

    def _hidden(self):
        pass

if __name__ == "__main__":
    fire.Fire(Trainer)
