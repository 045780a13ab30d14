"""The account beside its calls: messaging services, permissions, profiles, and where Flex lives."""
