"""Telling others what happened: a feed of events, and webhooks, Slack and mail for who does not come to ask."""
