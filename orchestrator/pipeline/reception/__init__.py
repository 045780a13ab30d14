"""What a callback does: stored before it is acknowledged, a no at once, and an answered call gets its agent."""
