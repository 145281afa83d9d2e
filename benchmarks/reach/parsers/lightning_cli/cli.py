from typing import Optional, Union
from jsonargparse import ActionConfigFile, ArgumentParser
class Trainer:
    def __init__(self, max_epochs: int = 10, gradient_clip_val: Optional[float] = None): ...
    def fit(self): ...
    def validate(self): ...
class LightningCLI:
    """In the shape of Lightning's class of that name (2.4)."""
    def __init__(self, model, data):
        parser = ArgumentParser()
        parser.add_argument("-c", "--config", action=ActionConfigFile)
        commands = parser.add_subcommands()
        for name in ("fit", "validate"):
            inner = ArgumentParser()
            inner.add_argument("-c", "--config", action=ActionConfigFile)
            inner.add_argument("--seed_everything", type=Union[bool, int], default=True)
            inner.add_class_arguments(Trainer, "trainer")
            inner.add_class_arguments(model, "model")
            inner.add_class_arguments(data, "data")
            commands.add_subcommand(name, inner)
        self.config = parser.parse_args()
        raise SystemExit("trained")
