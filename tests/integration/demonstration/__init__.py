"""What the demo says and leaves."""
