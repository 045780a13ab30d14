"""The main job on one machine: a list becomes a finished campaign against the sandbox."""
