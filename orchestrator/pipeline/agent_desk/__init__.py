"""What an agent does with a call and after it; command line, API and console share it."""
