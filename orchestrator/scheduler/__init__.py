"""APScheduler as a metronome: which ``run_once`` rings how often. Everything durable is in the tables."""
