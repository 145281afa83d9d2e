"""The shape of the parser that Transformers makes of dataclasses, which is too large for tests."""

from transformers.hf_argparser import HfArgumentParser

__all__ = ["HfArgumentParser"]
