"""TaskRouter: workspaces whose tasks are routed to workers, and what Twilio tells of it."""
