"""What an operator asks about a deployment: its facts, health and costs. Reads AWS and
the table, and changes nothing; `present` gives it words.
"""
