"""Replies, answers and the carrier's lists, on each database."""
