"""What a program reports: the scalars in its lines of output and in its files.

Lines come in as text and files by their paths; nothing here runs anything or knows a store.
"""
