from dataclasses import dataclass, field
from typing import Optional
from hf import DataclassParser
@dataclass
class ModelArguments:
    model_name: Optional[str] = field(default=None, metadata={"help": "a model"})
@dataclass
class TrainingArguments:
    output_dir: str = field(metadata={"help": "a folder"})
    learning_rate: float = 5e-5
    fp16: bool = False
    optim: str = field(default="adamw", metadata={"choices": ["adamw", "sgd"]})
def main():
    parser = DataclassParser((ModelArguments, TrainingArguments))
    model, training = parser.parse_args_into_dataclasses()
    raise SystemExit("trained")
if __name__ == "__main__":
    main()
raise SystemExit("trained")
