"""The local database: all SQL over it, its rows, and what they are serialized to."""
