"""
HTTP with Coralogix: one client, its limits and retries, and errors translated once.

Nothing above this folder knows httpx.
"""
