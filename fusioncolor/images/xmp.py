"""XMP packets: the statement that a picture's colors were made by a trained network.

Reference: IPTC Photo Metadata Standard, property Digital Source Type.
"""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree import ElementTree

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/"
COMPOSITE = "compositeWithTrainedAlgorithmicMedia"
ENHANCED = "algorithmicallyEnhanced"
_EMPTY = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    f'<rdf:RDF xmlns:rdf="{_RDF}"></rdf:RDF></x:xmpmeta>\n<?xpacket end="w"?>'
).encode()
_END = re.compile(rb"</([\w.-]+):RDF\s*>")
_ABOUT = re.compile(rb"""\b[\w.-]+:about\s*=\s*("[^"]*"|'[^']*')""")


def with_source_type(packet: bytes, source_type: str) -> bytes:
    """Returns an XMP packet that names the digital source type; everything else in it stays as it was.

    Args:
        packet: of the photograph; one without any element is replaced.
        source_type: a term of IPTC's list, such as `COMPOSITE`; takes the place of an earlier one.
    """
    if b"</" not in packet:
        packet = _EMPTY
    elif not _END.search(packet):  # no RDF in it
        inside = packet.rindex(b"</")
        packet = packet[:inside] + f'<rdf:RDF xmlns:rdf="{_RDF}"></rdf:RDF>'.encode() + packet[inside:]
    packet = _without_source_type(packet)
    about = _ABOUT.search(packet)
    end = list(_END.finditer(packet))[-1]
    rdf, subject = end[1].decode(), about[1].decode("utf-8", "replace") if about else '""'
    statement = (
        f"<{rdf}:Description {rdf}:about={subject} "
        f'xmlns:Iptc4xmpExt="{_EXT}"><Iptc4xmpExt:DigitalSourceType>{source_type_address(source_type)}'
        f"</Iptc4xmpExt:DigitalSourceType></{rdf}:Description>"
    )
    return packet[: end.start()] + statement.encode() + packet[end.start() :]


def source_type_address(source_type: str) -> str:
    """Returns the address of a term of IPTC's list of digital source types."""
    return _SOURCE + source_type


def source_type_of(packet: bytes) -> str | None:
    """Returns the digital source type that a packet names, without the address of its list; None if there is none."""
    root = _root(packet)
    if root is None:
        return None
    name = f"{{{_EXT}}}DigitalSourceType"
    for element in root.iter():
        found = element.get(name) or (element.text if element.tag == name else None)
        resource = element.get(f"{{{_RDF}}}resource") if element.tag == name else None
        if found or resource:
            return (found or resource).strip().rpartition("/")[2]
    return None


def _without_source_type(packet: bytes) -> bytes:
    """Removes an earlier statement, written as an element or as an attribute."""
    prefix = re.search(rb'xmlns:([\w.-]+)\s*=\s*["\']' + re.escape(_EXT.encode()) + rb'["\']', packet)
    if not prefix:
        return packet
    name = re.escape(prefix[1]) + rb":DigitalSourceType"
    packet = re.sub(rb"<" + name + rb"\b[^>]*/>", b"", packet)
    packet = re.sub(rb"<" + name + rb"\b[^>]*>.*?</" + name + rb"\s*>", b"", packet, flags=re.S)
    return re.sub(rb"\s" + name + rb"""\s*=\s*("[^"]*"|'[^']*')""", b"", packet)


def _root(packet: bytes) -> "ElementTree.Element | None":
    """Parses a packet; None if it is no XML. One with a document type, which could swell without end, is not read."""
    if b"<!DOCTYPE" in packet or b"<!ENTITY" in packet:
        return None
    from xml.etree import ElementTree  # most photographs have no packet

    start = packet.find(b"<")
    try:
        return ElementTree.fromstring(packet[start:].rstrip(b"\0 \n") if start >= 0 else b"")
    except (ElementTree.ParseError, ValueError, LookupError):
        return None
