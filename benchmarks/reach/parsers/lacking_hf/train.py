from dataclasses import dataclass

import transformers_that_nobody_has as transformers


@dataclass
class Model:
    width: int = 64


@dataclass
class Training(transformers.TrainingArguments):
    warm_lr: float = 0.01


parser = transformers.HfArgumentParser((Model, Training))
model, training = parser.parse_args_into_dataclasses()
raise SystemExit("trained")
