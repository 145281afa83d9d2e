"""Asking a program for its flags: a copy of it runs until it reads its command line."""
