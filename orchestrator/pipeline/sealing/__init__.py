"""The sealed logs: grown by the worker, verified by anyone, shown to whoever asks for proof."""
