"""Previews as tasks of the carrier's task router: laid before workers, answered by them, ended there as here."""
