"""
The feeds in DynamoDB: requests, transactions and the table itself.

Only `client` speaks to AWS.
"""
