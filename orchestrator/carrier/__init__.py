"""The only door to Twilio."""
