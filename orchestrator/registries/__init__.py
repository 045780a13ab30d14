"""Do-not-call snapshots on disk: build, open, look up."""
