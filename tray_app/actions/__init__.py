"""
From a click to Coralogix and back: which actions are pending, and how each ended.

Values and pure functions; uses policy, texts and values below.
"""
