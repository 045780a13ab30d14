"""A campaign file with every field, and a smaller one."""

EVERY_FIELD = """
name     = "Spring roof offer"
seller   = "acme-roofing"
purpose  = "telemarketing"
subject  = "roof-offer"
product  = "general"
lawful_basis = "consent"
strategy = "consent-tiered"
lists    = ["spring-leads"]
priority = 5
codes    = []
starts_at = 2026-11-23T09:00:00Z
ends_at   = 2026-12-20T00:00:00Z

[hours]
mon-fri = [["09:30", "12:30"], ["13:30", "19:00"]]
sat     = [["10:00", "14:00"]]

[voice]
caller_ids = ["+12125550100", "+13055550101"]
local_presence = true
mobile_without_consent = "preview"
ring_timeout_seconds = 25
amd        = "verdict-first"
queue      = "roof-sales"
script     = "scripts/roof.md"
max_abandonment = 0.03
information_message = "This is Acme Roofing, +1 212 555 0100. Press 9 and we will not call again."
voicemail.text      = "This is Acme Roofing. Call +1 212 555 0100 to hear more, or to stop our calls."
voicemail.recording = "https://www.example.com/roof.mp3"

[sms]
messaging_service = "MG00000000000000000000000000000000"
marketing = true
templates.en = "Acme Roofing: {first_name}, your spring check is due. Reply STOP to opt out."
templates.es = "Acme Roofing: {first_name}, su revision de primavera. Responda STOP para cancelar."

[attempts]
per_number  = 4
per_contact = 7
cadence     = "default"

[canary]
contacts = 50
"""

CALLS_ONLY = """
name    = "Autumn calls"
seller  = "acme-roofing"
purpose = "telemarketing"
lists   = ["autumn"]

[voice]
caller_ids = ["+12125550100"]
queue = "sales"
information_message = "This is Acme Roofing, +1 212 555 0100. Press 9 and we will not call again."
"""
