"""
The values and ports that every other folder shares.

Uses `incidents` alone.
"""
