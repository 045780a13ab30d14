"""The parts of the gate, one by one."""
