"""The index of a store, derived from its objects: lists of runs, and what a batch has come to."""
