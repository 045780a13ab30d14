"""The engine of the outbound campaign orchestrator."""
