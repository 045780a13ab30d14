"""The words that exports put over their columns, in English, French, Spanish and German."""

from enum import StrEnum

from orchestrator.pipeline.intake.cell_text import words


class Field(StrEnum):
    """What a column may hold."""

    PHONE = "phone"
    NAME = "name"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    ADDRESS = "address"
    CITY = "city"
    REGION = "region"
    POSTAL_CODE = "postal_code"
    COUNTRY = "country"
    TIME_ZONE = "time_zone"
    LANGUAGE = "language"
    EXTERNAL_ID = "external_id"
    DO_NOT_CALL = "do_not_call"
    CONSENT = "consent"
    CONSENT_LEVEL = "consent_level"
    CONSENT_CHANNEL = "consent_channel"
    CONSENT_AUTOMATED = "consent_automated"
    CONSENT_AT = "consent_at"
    CONSENT_EXPIRES_AT = "consent_expires_at"
    CONSENT_TEXT = "consent_text"
    CONSENT_SOURCE = "consent_source"
    CONSENT_URL = "consent_url"
    CONSENT_IP = "consent_ip"
    CONSENT_USER_AGENT = "consent_user_agent"
    CONSENT_RECORDING = "consent_recording"
    CONSENT_PURPOSE = "consent_purpose"
    CONSENT_NOTICE = "consent_notice"
    IGNORE = "ignore"


OUR_OWN = frozenset({"import line", "import verdict", "import reason"})

_EXACT = {
    Field.NAME: "name|full name|fullname|contact|contact name|customer|customer name|client|client name|lead name|"
    "lead|person|display name|nom complet|nom et prenom|nom prenom|nombre completo|nombre y apellido|"
    "nombre y apellidos|cliente|kunde|kundenname|vollstandiger name|name vorname|vor und nachname|account holder",
    Field.FIRST_NAME: "first name|firstname|first|fname|given name|givenname|forename|christian name|prenom|vorname|"
    "nombre|primer nombre|nombres|rufname",
    Field.LAST_NAME: "last name|lastname|last|lname|surname|family name|familyname|nom|nom de famille|nachname|"
    "familienname|apellido|apellidos|second name",
    Field.ADDRESS: "address|addr|street|street address|address line|mailing street|mailing address|home address|"
    "home street|billing street|billing address|shipping street|postal address|adresse|rue|strasse|str|anschrift|"
    "direccion|calle|domicilio|strasse hausnummer|primary address street",
    Field.CITY: "city|town|suburb|ville|commune|stadt|ort|wohnort|ciudad|localidad|municipio|mailing city|home city|"
    "billing city|city town|locality",
    Field.REGION: "state|province|county|region|state province|province state|state region|mailing state|home state|"
    "mailing state province|billing state|billing state province|st|bundesland|departement|estado|provincia|"
    "us state|state code|state territory|kanton|address state",
    Field.POSTAL_CODE: "zip|zip code|zipcode|postal code|postalcode|postcode|post code|postal|plz|postleitzahl|"
    "code postal|cp|codigo postal|zip postal code|zip postal|postal zip code|mailing zip|mailing zip code|"
    "mailing postal code|mailing zip postal code|home postal code|billing zip|billing postal code|zip5|"
    "address postal code|eircode|address zip",
    Field.COUNTRY: "country|country code|countrycode|country region|nation|land|landercode|lander|pays|pais|staat|"
    "mailing country|home country|home country region|billing country|country iso|iso country|phone country|"
    "phone country code|code pays|address country",
    Field.TIME_ZONE: "time zone|timezone|tz|zone|iana zone|fuseau horaire|fuseau|zeitzone|zona horaria|"
    "huso horario|local time zone|contact timezone",
    Field.LANGUAGE: "language|lang|locale|preferred language|language code|langue|sprache|idioma|lengua|"
    "contact language|spoken language|language preference",
    Field.EXTERNAL_ID: "external id|externalid|id|customer id|customerid|contact id|contactid|client id|lead id|"
    "record id|person id|crm id|member id|user id|userid|customer number|customer no|customer ref|client number|"
    "client ref|uuid|guid|external key|external reference|reference|kundennummer|kundennr|kunden nr|"
    "kunden id|kundenid|numero client|numero de client|no client|identifiant|id client|id cliente|identificador|"
    "numero de cliente|unique id|uid|row id|source id|debtor id|patient id|subscriber id|hubspot id|salesforce id",
}
EXACT = {phrase: field for field, phrases in _EXACT.items() for phrase in phrases.split("|")}

# Whatever stands beside these words, the column is none to dial or to believe.
NEVER = words("fax telefax faxnummer facsimile email emails mail mails courriel correo")
ABOUT_A_PHONE = words(
    "type typ tipo label status verified valid validated carrier operator date time count code ext extension "
    "result notes note comment comments poste durchwahl id score format attempts last best timezone provider"
)
PHONE_STARTS = (
    "phone", "telephone", "telef", "mobil", "cellphone", "cellular", "celular", "handy", "movil", "landline",
    "festnetz", "rufnummer", "msisdn", "whatsapp", "mobtel", "telnr", "telno", "telnum",
)  # fmt: skip
PHONE_WORDS = words("tel tels mob cell cells gsm ph portable fixe fijo numero dial ani tlf tfno natel")
NUMBER_WORDS = words("number numbers no nr num numero nummer")
WHOSE_NUMBER = words(
    "contact home work office business daytime day evening primary secondary main alternate alternative alt "
    "other mobile best preferred to call customer"
)
LABELS = (
    ("mobile", ("mobil", "cell", "handy", "movil", "celular", "portable", "gsm", "mob", "whatsapp", "natel")),
    ("work", ("work", "business", "office", "company", "bureau", "travail", "pro", "oficina", "trabajo", "arbeit",
              "geschaft", "dienst", "buro", "firm")),
    ("home", ("home", "privat", "domicile", "maison", "casa", "particular", "residen", "evening")),
    ("landline", ("landline", "fixe", "fijo", "festnetz")),
    ("other", ("other", "alt", "second", "autre", "otro", "ander", "zweit")),
)  # fmt: skip

REFUSALS = (
    "do not call", "do not contact", "do not phone", "do not dial", "do not ring", "donotcall", "donotcontact", "dnc",
    "dont call", "don t call", "opt out", "optout", "opted out", "has opted out", "unsubscribe", "unsubscribed",
    "suppress", "suppressed", "suppression", "blacklist", "blacklisted", "blocklist", "blocked", "no call", "no calls",
    "ne pas appeler", "ne pas contacter", "no llamar", "no contactar", "nicht anrufen", "nicht kontaktieren",
    "werbesperre", "anrufsperre", "sperrvermerk", "opposition", "do not text", "do not sms", "do not message",
    "do not disturb",
)  # fmt: skip
CONSENTS = (
    "consent", "consents", "consented", "opt in", "optin", "opted in", "permission", "pewc", "tcpa", "consentement",
    "accord", "consentimiento", "autorizacion", "einwilligung", "zustimmung", "agreed to be contacted", "ok to call",
    "okay to call", "ok to text", "may call", "may text", "gdpr",
)  # fmt: skip
# Of a consent's columns the first kind with a word in the header; the order matters: "consent text" is a wording.
CONSENT_PARTS = (
    (Field.CONSENT_EXPIRES_AT, "expires expiry expiration until ablauf expire vence"),
    (Field.CONSENT_AT, "date time timestamp at on datum zeit zeitpunkt fecha hora horodatage datetime when day"),
    (Field.CONSENT_IP, "ip ipaddress adresse"),
    (Field.CONSENT_USER_AGENT, "browser useragent device"),
    (Field.CONSENT_RECORDING, "recording recorded screenshot aufnahme enregistrement grabacion"),
    (Field.CONSENT_PURPOSE, "purpose purposes zweck finalite finalidad objet"),
    (Field.CONSENT_NOTICE, "notice policy datenschutzhinweis aviso"),
    (Field.CONSENT_URL, "url link page website site web webpage lien enlace landing"),
    (Field.CONSENT_TEXT, "wording language disclosure statement texte texto wortlaut copy evidence proof verbiage"),
    (Field.CONSENT_SOURCE, "source method form via quelle origen herkunft origin collected vendor"),
    (Field.CONSENT_LEVEL, "level type kind niveau nivel basis stufe art"),
    (Field.CONSENT_CHANNEL, "channel channels canal kanal medium"),
    (Field.CONSENT_AUTOMATED, "automated autodial autodialed autodialer robocall robocalls prerecorded ai"),
)
CHANNELS = (
    ("sms", words("sms text texts texting message messages messaging mms textos")),
    (
        "voice",
        words("call calls calling voice phone appel appels llamada llamadas anruf anrufe telefon"),
    ),
)
