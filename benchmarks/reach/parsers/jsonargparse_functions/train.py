from jsonargparse import auto_cli
def fit(lr: float = 0.1, epochs: int = 2):
    raise SystemExit("trained")
def test(path: str):
    raise SystemExit("tested")
if __name__ == "__main__":
    auto_cli([fit, test])
