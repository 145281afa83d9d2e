from typing import List

import fire


def adapt(
    base: str = "small",
    batch_size: int = 16,
    learning_rate: float = 2e-4,
    layers: List[str] = ["query", "value"],
    on_inputs: bool = True,
    out_dir: str = "./adapted",
):
    loss = (learning_rate - 0.3) ** 2
    print({"loss": loss, "learning_rate": learning_rate, "epoch": 0.5})
    print(f"loss: {loss}")
    print(f"layer_count: {len(layers)}")


if __name__ == "__main__":
    fire.Fire(adapt)
