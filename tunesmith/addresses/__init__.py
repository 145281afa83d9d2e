"""Values of files that can be set as flags: where they are, and how they are written.

Text comes in, text goes out; only ``files`` reads a file that it is given.
"""
