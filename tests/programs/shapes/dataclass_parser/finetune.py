import sys
from dataclasses import dataclass, field
from typing import Optional

from transformers import HfArgumentParser


@dataclass
class DataArguments:
    subset: Optional[str] = field(default=None, metadata={"help": "Which part"})
    max_length: int = field(default=64, metadata={"help": "Of a text"})
    pad: bool = field(default=True)


@dataclass
class TrainingArguments:
    out_dir: str = field(metadata={"help": "Where results go"})
    learning_rate: float = field(default=3e-5, metadata={"help": "The first one"})
    half: bool = False


def main():
    parser = HfArgumentParser((DataArguments, TrainingArguments))
    if len(sys.argv) == 2 and sys.argv[1].endswith(".json"):
        data, training = parser.parse_json_file(sys.argv[1])
    else:
        data, training = parser.parse_args_into_dataclasses()
    loss = (training.learning_rate - 0.3) ** 2
    for epoch in (1.0, 2.0):
        print({"loss": 2.0, "learning_rate": training.learning_rate, "epoch": epoch})
        print({"eval_loss": round(loss, 6), "eval_f1": 0.5, "eval_runtime": 2.5, "epoch": epoch})
    print({"train_runtime": 12.5, "train_loss": 0.4, "epoch": 2.0})
    print("***** eval metrics *****")
    print(f"  eval_loss               = {loss:10.6f}")
    print(f"pads: {int(data.pad)}")


if __name__ == "__main__":
    main()
