"""The budget of abandoned calls, pacing by it, and the numbers shown of both."""
