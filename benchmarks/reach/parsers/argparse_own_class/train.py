import argparse


class Parser(argparse.ArgumentParser):
    def __init__(self):
        super().__init__()
        self.add_argument("--lr", type=float, default=0.1)
    def parse_args(self, *args, **more):
        self.add_argument("--late", type=int, default=1)
        return super().parse_args(*args, **more)
args = Parser().parse_args()
raise SystemExit("trained")
