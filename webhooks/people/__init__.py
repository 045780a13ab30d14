"""What anyone may open: opt-in pages and the way out. No session, no login; reading changes nothing."""
