from cli import LightningCLI
class Model:
    def __init__(self, lr: float = 0.001, hidden: int = 64):
        raise SystemExit("trained")
class Data:
    def __init__(self, batch_size: int = 32):
        raise SystemExit("trained")
if __name__ == "__main__":
    LightningCLI(Model, Data)
