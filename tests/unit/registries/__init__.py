"""Registry files, snapshots and the shelf."""
