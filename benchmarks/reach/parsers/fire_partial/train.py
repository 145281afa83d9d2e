import functools
import fire

def train(model, lr=0.1, opt="sgd"):
    raise SystemExit("trained")

fire.Fire(lambda lr=0.1, opt="sgd": train("m", lr, opt))
