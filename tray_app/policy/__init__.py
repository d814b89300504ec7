"""What to notify of, and when: from news to decisions. Pure."""
