"""A campaign's day played before it comes: the real pipeline on a virtual clock, a copy in memory, modelled people."""
