"""A local carrier that speaks the REST paths and signs its callbacks; it imports nothing of ours."""
