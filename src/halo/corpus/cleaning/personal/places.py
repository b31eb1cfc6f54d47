"""Streets with house numbers, and postcodes, of the United Kingdom, the United States and German-speaking countries.

A street without a number, the name of a town and other forms of addresses are not found. Numbers of five digits are a
postcode only behind a street or the abbreviation of a state, or where a word announces one.
"""

import re

from halo.corpus.cleaning.personal.spans import Span, without_overlaps

_NAME = r"[A-ZÄÖÜ][\w'’.-]*"
_UNIT = r"(?:(?:Flat|Apartment|Apt\.?|Unit|Suite|Ste\.?|Room) [0-9A-Z]{1,5},? )?"
_TYPES = (
    "Street|Road|Avenue|Lane|Drive|Close|Court|Boulevard|Way|Place|Square|Terrace|Crescent|Gardens|Grove|Row|Hill|Parkway|"
    "Highway|Mews|Walk|Park|Circle|Trail|Green"
)
_SHORT_TYPES = r"St|Rd|Ave|Ln|Dr|Blvd|Pl|Sq|Ct|Pkwy|Hwy|Cres"
_ENGLISH = re.compile(
    rf"(?<![0-9A-Za-z_.,/-]){_UNIT}[0-9]{{1,5}}[A-Za-z]?(?:-[0-9]{{1,5}})?,? (?:(?:North|South|East|West|[NSEW]\.?) )?"
    rf"(?:(?:{_NAME}|the|of|[0-9]{{1,3}}(?:st|nd|rd|th)) ){{1,3}}?"
    rf"(?:(?:{_TYPES})(?![\w'’-])|(?:{_SHORT_TYPES})\b\.?(?= *(?:[,;)\n]|\.?\Z|\. |[a-z(#]|Apt|Unit|Suite)))"
    r"(?:,? (?:Apt\.?|Apartment|Unit|Suite|Ste\.?|Flat|#) ?[0-9A-Z]{1,5}\b)?"
)
_BOX = re.compile(r"\b(?:P\.? ?O\.? Box|Postfach) [0-9][0-9 ]{1,7}(?<=[0-9])\b", re.IGNORECASE)
_GERMAN_NUMBER = r" ?[0-9]{1,3}(?: ?[a-h])?(?:\s?[-–/]\s?[0-9]{1,3}(?: ?[a-h])?)?(?![0-9A-Za-z_%€]|[.,:/-][0-9])"
_GERMAN = re.compile(
    r"(?<![\w.-])(?:"
    r"[A-ZÄÖÜ][\w-]*?(?:straße|strasse|str\.|weg|platz|allee|gasse|damm|ufer|chaussee)"
    r"|(?:[A-ZÄÖÜ][\w-]* ){1,2}(?:Straße|Strasse|Str\.|Weg|Platz|Allee|Gasse|Damm|Ufer|Chaussee|Ring|Markt|Hof)"
    r"|(?:Am|Im|An der|An den|An dem|In der|In den|Auf der|Auf dem|Unter den|Zum|Zur|Hinter der) "
    r"(?:[A-ZÄÖÜ][\w-]* ){0,1}"
    r"[A-ZÄÖÜ][\wäöüß-]+(?= [0-9])"
    rf"){_GERMAN_NUMBER}"
)
# Not places where somebody lives: seats, lists, and ways of reckoning.
_NO_STREET = re.compile(
    r"(?:Arbeits|Park|Sitz|Stell|Listen|Tabellen|Speicher|Start|Steh|Steck|Studien|Ausbildungs|Lösungs|Rechen|Rechts|"
    r"Aus|Um|Atem|Harn|Verdauungs|Übertragungs|Infektions|Signal)(?:weg|platz)|(?:Am|Im|Zum|Zur) (?:Januar|"
    r"Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember|Jahr|Alter|Tag|Kapitel|Abschnitt|Mittel|"
    r"Monat|Quartal|Semester|Jahre|Schnitt|Zeitraum|Teil|Bereich|Anhang|Raum|Zimmer|Gleis|Punkt|Artikel|Absatz|Vorjahr)\b"
)
_FRENCH = re.compile(
    r"(?<![0-9A-Za-z_.,/-])[0-9]{1,4}(?: (?:bis|ter))?,? (?:rue|avenue|boulevard|place|chemin|impasse|allée|quai)"
    r"(?: (?:de|du|des|la|le|les|d'|l'|aux?)){0,3}(?: |(?<='))(?:[A-ZÉÈ][\w'-]*)(?:[ -][A-ZÉÈ][\w'-]*){0,3}"
)

_AREAS = (
    "AB|AL|B|BA|BB|BD|BH|BL|BN|BR|BS|BT|CA|CB|CF|CH|CM|CO|CR|CT|CV|CW|DA|DD|DE|DG|DH|DL|DN|DT|DY|E|EC|EH|EN|EX|FK|FY|G|GL|"
    "GU|GY|HA|HD|HG|HP|HR|HS|HU|HX|IG|IM|IP|IV|JE|KA|KT|KW|KY|L|LA|LD|LE|LL|LN|LS|LU|M|ME|MK|ML|N|NE|NG|NN|NP|NR|NW|OL|OX|"
    "PA|PE|PH|PL|PO|PR|RG|RH|RM|S|SA|SE|SG|SK|SL|SM|SN|SO|SP|SR|SS|ST|SW|SY|TA|TD|TF|TN|TQ|TR|TS|TW|UB|W|WA|WC|WD|WF|WN|WR|"
    "WS|WV|YO|ZE"
)
_STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|PA|RI|"
    "SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|DC|PR"
)
_END = r"(?![0-9A-Za-z_]|[.,:/-][0-9])"
_ALONE = r"(?<![0-9A-Za-z_])(?<![0-9][.,:/-])"
_BRITISH = re.compile(
    rf"(?=[A-Z]{{1,2}}[0-9]){_ALONE}(?:{_AREAS})[0-9][0-9A-HJKPSTUW]? ?[0-9][ABD-HJLNP-UW-Z]{{2}}{_END}"
)
_CANADIAN = re.compile(rf"{_ALONE}[ABCEGHJ-NPRSTVXY][0-9][A-Z][ -][0-9][A-Z][0-9]{_END}")
_AMERICAN = re.compile(
    rf"(?=[A-Z]{{2}}\.?,? [0-9]{{5}})(?<![A-Za-z])(?:{_STATES})\.?,? (?P<code>[0-9]{{5}}(?:-[0-9]{{4}})?){_END}"
)
_WITH_COUNTRY = re.compile(rf"(?<![0-9A-Za-z_-])(?:D|A|CH)-(?P<code>[0-9]{{4,5}})(?= [A-ZÄÖÜ]){_END}")
_ANNOUNCED = re.compile(
    r"\b(?:zip(?: ?code)?|post ?code|postal code|postleitzahl|PLZ)\b(?:[\s:=(]|is|ist){0,5}"
    rf"(?P<code>[A-Z]{{1,2}}[0-9][0-9A-Z]? ?[0-9][A-Z]{{2}}|[0-9]{{4,5}}(?:-[0-9]{{4}})?){_END}",
    re.IGNORECASE,
)
_TOWN = rf"(?P<code>[0-9]{{4,5}})(?= [A-ZÄÖÜ]){_END}"


def find_streets(text: str) -> list[Span]:
    """Returns the streets with a house number, and post office boxes, in `text`.

    >>> text = "He lives at 12 Elm Street; sie wohnt in der Hauptstraße 5a, Platz 3"
    >>> [text[start:end] for start, end in find_streets(text)]
    ['12 Elm Street', 'Hauptstraße 5a']
    """
    german = [match.span() for match in _GERMAN.finditer(text) if not _NO_STREET.match(match.group())]
    others = [match.span() for pattern in (_ENGLISH, _FRENCH, _BOX) for match in pattern.finditer(text)]
    return without_overlaps([*german, *others])


def find_postcodes(text: str, *, street: str) -> list[Span]:
    """Returns the postcodes in `text`.

    Args:
        text: The text, in which streets have been replaced already.
        street: What they have been replaced by.

    >>> text = "London SW1A 1AA, CA 94103, *, 10115 Berlin, 12345 people"
    >>> [text[start:end] for start, end in find_postcodes(text, street="*")]
    ['SW1A 1AA', '94103', '10115']
    """
    whole = [match.span() for pattern in (_BRITISH, _CANADIAN) for match in pattern.finditer(text)]
    parts = [
        match.span("code") for pattern in (_AMERICAN, _WITH_COUNTRY, _ANNOUNCED) for match in pattern.finditer(text)
    ]
    if street in text:
        behind_street = re.compile(rf"{re.escape(street)}[\s,;|-]{{1,4}}{_TOWN}")
        parts += [match.span("code") for match in behind_street.finditer(text)]
    return without_overlaps([*whole, *parts])
