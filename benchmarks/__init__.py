"""How far ahead we are of the naive way, in one command."""
