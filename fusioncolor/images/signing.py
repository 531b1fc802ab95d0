"""Signed statements on how a picture was made, in the picture's file, with a certificate of the user's own.

Reference: C2PA Technical Specification, actions and digital source types.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from PIL import Image

from fusioncolor import files
from fusioncolor.errors import InputError
from fusioncolor.images.formats import format_of
from fusioncolor.images.xmp import COMPOSITE, source_type_address
from fusioncolor.version import __version__

_MANIFESTS = {  # media types of the formats that hold one
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "TIFF": "image/tiff",
    "WEBP": "image/webp",
}
_CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}  # algorithm by the curve of a key
_ANY = "application/octet-stream"  # of photographs that C2PA cannot look into
_SETTINGS = {  # nothing is asked for in the network, neither now nor when an earlier manifest names an address
    "version_major": 1,
    "verify": {"verify_after_sign": True, "remote_manifest_fetch": False, "ocsp_fetch": False},
    "builder": {"thumbnail": {"enabled": False}},
}
_PROGRAM = {"name": "fusioncolor", "version": __version__}


class Signer:
    """Puts C2PA manifests into picture files; may be used by several threads."""

    def __init__(self, certificates: Path, key: Path) -> None:
        """Reads a certificate and its key.

        Args:
            certificates: PEM file of the certificate, followed by those that lead to its root.
            key: PEM file of the private key, without a password.

        Raises:
            InputError: c2pa-python is not installed, or a file cannot be read.
        """
        if not find_spec("c2pa"):
            raise InputError("signing needs c2pa-python: pip install fusioncolor[sign]")
        self._path = certificates
        self._certificates = _content(certificates)
        self._algorithm, self._key = _read_key(key)

    def try_out(self) -> None:
        """Signs a tiny picture and checks that, so that a wrong certificate is known before anything is colorized.

        Raises:
            InputError: the certificate is expired, does not belong to the key, or is not one for signing.
        """
        stream = io.BytesIO()
        Image.new("RGB", (8, 8)).save(stream, "PNG")
        with _sentences(f"cannot sign with {self._path}"):
            self._signed(stream.getvalue(), _MANIFESTS["PNG"], "trial", {}, None)

    def sign(self, path: Path, *, target: Path, source: Path, model: str, source_type: str = COMPOSITE) -> None:
        """Signs a finished picture in place, and checks the signature.

        Args:
            path: the file, which is not yet where it will be.
            target: where it will be; the manifest states its name.
            source: the photograph that was colorized; the manifest states its hash, and keeps a manifest that it has.
            model: name of the weights.
            source_type: a term of IPTC's list.

        Raises:
            InputError: the format holds no manifest, or the file cannot be signed.
        """
        check(target)
        action = {
            "action": "c2pa.color_adjustments",
            "softwareAgent": _PROGRAM,
            "description": f"colors by {model}",
            "digitalSourceType": source_type_address(source_type),
        }
        kind = _MANIFESTS[format_of(target.suffix).name]
        with _sentences(f"cannot sign {target}"):
            files.write_bytes(path, self._signed(path.read_bytes(), kind, target.name, action, source))

    def _signed(self, content: bytes, kind: str, title: str, action: dict, source: Path | None) -> bytes:
        import c2pa

        information = c2pa.C2paSignerInfo(self._algorithm, self._certificates, self._key, None)
        with (
            c2pa.Context.from_dict(_SETTINGS) as context,
            c2pa.Signer.from_info(information) as signer,
            c2pa.Builder({"title": title, "claim_generator_info": [_PROGRAM]}, context=context) as builder,
        ):
            if source:
                builder.set_intent(c2pa.C2paBuilderIntent.EDIT)  # states that a parent was opened
                _add_parent(builder, source)
                builder.add_action(action)
            else:
                builder.set_intent(c2pa.C2paBuilderIntent.CREATE, c2pa.C2paDigitalSourceType.ALGORITHMIC_MEDIA)
            signed = io.BytesIO()
            builder.sign(signer, kind, io.BytesIO(content), signed)
            return signed.getvalue()


def check(target: Path) -> None:
    """Refuses a result whose format holds no manifest.

    Raises:
        InputError: it is one.
    """
    row = format_of(target.suffix)
    if row is None or row.name not in _MANIFESTS:
        kind = row.name if row else target.suffix
        raise InputError(f"cannot sign {target}: {kind} files hold no signature; choose another `format`")


def _add_parent(builder, source: Path) -> None:
    """States the photograph; one that C2PA cannot look into only by its hash."""
    import c2pa

    parent, content = {"title": source.name, "relationship": "parentOf"}, source.read_bytes()
    try:
        with Image.open(io.BytesIO(content)) as image:
            kind = image.get_format_mimetype() or _ANY
        builder.add_ingredient(parent, kind, io.BytesIO(content))
    except (c2pa.C2paError, OSError):
        builder.add_ingredient(parent, _ANY, io.BytesIO(content))


@contextmanager
def _sentences(beginning: str) -> Iterator[None]:
    """Turns what C2PA says into one sentence."""
    import c2pa

    try:
        yield
    except c2pa.C2paError as error:
        reason = str(error).partition(": ")[2] or str(error)
        raise InputError(f"{beginning}: {reason[:1].lower()}{reason[1:]}") from error


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error


def _read_key(path: Path) -> tuple[str, bytes]:
    """Returns the name of the algorithm that goes with a private key, and the key as C2PA takes it."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    try:
        key = serialization.load_pem_private_key(_content(path), None)
    except TypeError as error:  # that is how cryptography tells it
        raise InputError(f"{path} has a password: give a key without one (`sign_key`)") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InputError(f"{path}: not a private key in PEM format (`sign_key`)") from error
    if isinstance(key, ec.EllipticCurvePrivateKey):
        algorithm = _CURVES.get(key.curve.name)
    else:
        names = {rsa.RSAPrivateKey: "ps256", ed25519.Ed25519PrivateKey: "ed25519"}
        algorithm = next((name for kind, name in names.items() if isinstance(key, kind)), None)
    if algorithm is None:
        raise InputError(f"{path}: C2PA signs with keys of P-256, P-384, P-521, RSA and Ed25519 only (`sign_key`)")
    private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return algorithm, key.private_bytes(serialization.Encoding.PEM, *private)
