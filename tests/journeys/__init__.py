"""Whole campaigns over HTTP on loopback, with processes that die and a carrier that fails."""
