"""People opt in: asked for, confirmed once, given, refused or forgotten."""
