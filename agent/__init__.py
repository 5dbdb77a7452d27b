"""The program: the pure decision core, the shells around it and the command line."""

__version__ = "0.1.0"
