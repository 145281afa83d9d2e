"""Trials that other processes run: the queue in the shared store, its driver and its workers."""
