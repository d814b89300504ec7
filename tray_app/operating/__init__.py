"""What an operator asks of a whole deployment: is it well, and what does it cost."""
