"""Tables and queries; personal fields are encrypted here."""
