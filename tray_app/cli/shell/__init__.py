"""What a shell needs to know: the tree of commands, and what it completes."""
