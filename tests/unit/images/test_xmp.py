from xml.etree import ElementTree

import pytest

from fusioncolor.images import xmp

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"


def packet(inside: str, attributes: str = 'rdf:about="uuid:1"') -> bytes:
    return (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        f'<rdf:RDF xmlns:rdf="{RDF}"><rdf:Description {attributes} xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f'xmlns:Iptc4xmpExt="{EXT}">{inside}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def test_a_picture_without_a_packet_gets_one():
    made = xmp.with_source_type(b"", xmp.COMPOSITE)
    assert xmp.source_type_of(made) == "compositeWithTrainedAlgorithmicMedia"
    assert b"http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia<" in made
    assert made.startswith(b"<?xpacket begin=")


def test_what_else_a_packet_says_stays_and_all_of_it_is_about_the_same():
    marked = xmp.with_source_type(packet("<dc:creator>Anna &amp; Otto</dc:creator>"), xmp.COMPOSITE)
    assert b"Anna &amp; Otto" in marked
    described = ElementTree.fromstring(marked).findall(f".//{{{RDF}}}Description")
    assert [one.get(f"{{{RDF}}}about") for one in described] == ["uuid:1", "uuid:1"]


@pytest.mark.parametrize(
    "before",
    [
        packet(f"<Iptc4xmpExt:DigitalSourceType>{xmp._SOURCE}negativeFilm</Iptc4xmpExt:DigitalSourceType>"),
        packet(f'<Iptc4xmpExt:DigitalSourceType rdf:resource="{xmp._SOURCE}negativeFilm"/>'),
        packet("", f'rdf:about="" Iptc4xmpExt:DigitalSourceType="{xmp._SOURCE}negativeFilm"'),
    ],
)
def test_an_earlier_source_type_is_replaced_however_it_is_written(before):
    assert xmp.source_type_of(before) == "negativeFilm"
    marked = xmp.with_source_type(before, xmp.COMPOSITE)
    assert marked.count(b"digitalsourcetype/") == 1
    assert xmp.source_type_of(marked) == xmp.COMPOSITE
    assert xmp.with_source_type(marked, xmp.COMPOSITE).count(b"digitalsourcetype/") == 1


@pytest.mark.parametrize("damaged", [b"no packet", b"<a>", b"\xff\xfe<"])
def test_a_packet_without_any_element_is_replaced(damaged):
    assert xmp.source_type_of(damaged) is None
    assert xmp.source_type_of(xmp.with_source_type(damaged, xmp.COMPOSITE)) == xmp.COMPOSITE


def test_a_packet_that_only_lenient_readers_take_loses_nothing():
    marked = xmp.with_source_type(b'<x:xmpmeta><rdf tiff:Orientation="1"/>garden</x:xmpmeta>', xmp.COMPOSITE)
    assert b"garden<rdf:RDF" in marked
    assert xmp.COMPOSITE.encode() in marked


def test_entities_are_not_expanded():
    assert xmp.source_type_of(b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>") is None
