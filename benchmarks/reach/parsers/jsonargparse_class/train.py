from jsonargparse import auto_cli
class Trainer:
    def __init__(self, lr: float = 0.1):
        self.lr = lr
    def fit(self, epochs: int = 2):
        raise SystemExit("trained")
if __name__ == "__main__":
    auto_cli(Trainer)
