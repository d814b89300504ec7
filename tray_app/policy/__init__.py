"""Decides what to notify of, and when: values, no words. Imports the model alone."""
