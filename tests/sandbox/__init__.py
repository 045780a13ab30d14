"""The local carrier behaves like Twilio, traps included."""
