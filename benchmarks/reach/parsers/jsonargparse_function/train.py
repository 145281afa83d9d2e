import jsonargparse

from typing import Literal, Optional
def main(lr: float = 0.1, n: Optional[int] = None, amp: bool = False, norm: Literal["batch", "layer"] = "batch"):
    raise SystemExit("trained")
if __name__ == "__main__":
    jsonargparse.CLI(main)
