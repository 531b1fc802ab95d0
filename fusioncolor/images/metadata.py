"""Metadata of image files: kept, corrected for the new picture, and marked as colorized."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import NamedTuple

from PIL import Image

from fusioncolor.images import xmp
from fusioncolor.version import __version__

NOTE = f"AI-colorized by fusioncolor {__version__}"

_ORIENTATION, _SOFTWARE, _DESCRIPTION = 0x0112, 0x0131, 0x010E
_LAYOUTS = ('{"shape"', "shape=", "ImageJ=")
_EXIF_IFD, _GPS_IFD = 0x8769, 0x8825
_COLOR_SPACE, _WIDTH, _HEIGHT = 0xA001, 0xA002, 0xA003  # in the Exif IFD
_SRGB = 1
_KEPT = (  # tags of the first IFD about the photograph; the others describe how the file is stored
    0x010E, 0x010F, 0x0110, _SOFTWARE, 0x0132, 0x013B, 0x013C, 0x4746, 0x4749, 0x8298,
    0x9C9B, 0x9C9C, 0x9C9D, 0x9C9E, 0x9C9F,
)  # fmt: skip
_XMP_ORIENTATION = re.compile(rb'(tiff:Orientation(?:="|>)\s*)[1-8]')


@dataclass(frozen=True)
class Metadata:
    """Metadata of a photograph that is already upright.

    Attributes:
        exif: tags of the first IFD by number.
        details: tags of the Exif IFD.
        place: tags of the GPS IFD.
        xmp: the XMP packet.
        iptc: the Photoshop block of a JPEG, with its IPTC caption.
        dpi: dots per inch, horizontal and vertical.
        profiled: whether the file had a color profile; the new picture is then tagged as sRGB.
    """

    exif: Mapping[int, object] | None = None
    details: Mapping[int, object] | None = None
    place: Mapping[int, object] | None = None
    xmp: bytes = b""
    iptc: bytes = b""
    dpi: tuple[float, float] | None = None
    profiled: bool = False

    def noted(self, model: str = "", *, learned: bool = True) -> "Metadata":
        """Returns a copy that says that the colors are not the photograph's own.

        Program and model are added to the tag for software, and the IPTC's digital source type to the XMP packet.

        Args:
            model: name of the preset or the weights.
            learned: whether a trained network made the colors, and not a simple rule.
        """
        tags = dict(self.exif or {})
        before = str(tags.get(_SOFTWARE, "")).strip("\0 ")
        note = NOTE if learned else NOTE.replace("AI-colorized", "colorized")
        if note not in before:
            note = f"{note} ({model})" if model else note
            tags[_SOFTWARE] = f"{before}; {note}" if before else note
        source_type = xmp.COMPOSITE if learned else xmp.ENHANCED
        return replace(self, exif=tags, xmp=xmp.with_source_type(self.xmp, source_type))

    def exif_bytes(self, size: tuple[int, int], extra: Mapping[int, object] | None = None) -> bytes:
        """Encodes EXIF for a picture of (height, width), with `extra` tags; empty if there are no tags."""
        exif = Image.Exif()
        for tag, value in {**(self.exif or {}), **(extra or {})}.items():
            exif[tag] = value
        if self.details:
            exif.get_ifd(_EXIF_IFD).update({**self.details, _COLOR_SPACE: _SRGB, _WIDTH: size[1], _HEIGHT: size[0]})
        if self.place:
            exif.get_ifd(_GPS_IFD).update(self.place)
        if not (self.exif or self.details or self.place or extra):
            return b""
        try:
            return exif.tobytes()
        except Exception:  # damaged tags of the original: only the note is kept
            plain = Image.Exif()
            plain[_SOFTWARE] = str((self.exif or {}).get(_SOFTWARE, NOTE))
            return plain.tobytes()


class Tags(NamedTuple):
    """Result of `read`: the metadata, and the EXIF orientation, 1 to 8, by which the stored pixels must be turned."""

    metadata: Metadata
    orientation: int


def read(image: Image.Image) -> Tags:
    """Reads the metadata of an opened file; damaged parts are left out."""
    exif: dict[int, object] = {}
    details: dict[int, object] = {}
    place: dict[int, object] = {}
    orientation = 1
    with suppress(Exception):  # struct.error, SyntaxError and others, from EXIF of arbitrary bytes
        found = image.getexif()
        exif = {tag: value for tag, value in found.items() if tag in _KEPT and not _is_layout(tag, value)}
        orientation = found.get(_ORIENTATION, 1)
        details = dict(found.get_ifd(_EXIF_IFD))
        place = dict(found.get_ifd(_GPS_IFD))
    packet = image.info.get("xmp", b"")
    packet = packet.encode() if isinstance(packet, str) else bytes(packet)
    iptc = next((data for name, data in getattr(image, "applist", []) if name == "APP13"), b"")
    metadata = Metadata(
        exif, details, place, _XMP_ORIENTATION.sub(rb"\g<1>1", packet), iptc, _dpi(image), "icc_profile" in image.info
    )
    return Tags(metadata, orientation if orientation in range(1, 9) else 1)


def _is_layout(tag: int, value: object) -> bool:
    """Tells whether a description is that of scientific programs, which says how the old file stores its pixels."""
    return tag == _DESCRIPTION and str(value).lstrip().startswith(_LAYOUTS)


def _dpi(image: Image.Image) -> tuple[float, float] | None:
    with suppress(TypeError, ValueError):
        x, y = (float(value) for value in image.info["dpi"]) if "dpi" in image.info else (0, 0)
        if 1 <= x <= 65_535 and 1 <= y <= 65_535:
            return x, y
    return None
