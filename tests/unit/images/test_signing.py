import json

import certificates
import numpy as np
import pytest
from PIL import Image

from fusioncolor import images
from fusioncolor.errors import InputError
from fusioncolor.images import signing
from fusioncolor.images.signing import Signer
from fusioncolor.images.xmp import ENHANCED

RGB = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"


@pytest.fixture
def c2pa():
    return pytest.importorskip("c2pa")


@pytest.fixture
def photograph(tmp_path):
    path = tmp_path / "old.jpg"
    Image.fromarray(RGB).convert("L").save(path)
    return path


def statement_of(c2pa, path, root: str) -> dict:
    """What a file states, as read by C2PA's own reader, which trusts one root."""
    kind = Image.MIME[Image.open(path).format]
    with (
        open(path, "rb") as file,
        c2pa.Context.from_dict({"version_major": 1, "trust": {"user_anchors": root}}) as context,
        c2pa.Reader(kind, file, context=context) as reader,
    ):
        return json.loads(reader.json())


def signed(folder, photograph, name="new.jpg", made=None, **options) -> tuple:
    """A picture in a file that is signed before it is put in place; returns its path and the root certificate."""
    chain, key, root = made or certificates.make(folder)
    signer, target = Signer(chain, key), folder / name
    facts = {"source": photograph, "model": "dense.photographs"} | options
    images.write(target, RGB, finish=lambda path: signer.sign(path, target=target, **facts))
    return target, root


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
def test_a_signature_is_trusted_by_whoever_trusts_its_root(c2pa, tmp_path, photograph, suffix):
    target, root = signed(tmp_path, photograph, f"new{suffix}")
    found = statement_of(c2pa, target, root)
    assert found["validation_state"] == "Trusted"
    manifest = found["manifests"][found["active_manifest"]]
    assert manifest["title"] == target.name
    assert manifest["claim_generator_info"][0]["name"] == "fusioncolor"
    [parent] = manifest["ingredients"]
    assert (parent["title"], parent["relationship"]) == ("old.jpg", "parentOf")
    opened, colored = manifest["assertions"][0]["data"]["actions"]
    assert opened["action"] == "c2pa.opened"
    assert colored["action"] == "c2pa.color_adjustments"
    assert colored["description"] == "colors by dense.photographs"
    assert colored["digitalSourceType"] == f"{SOURCE_TYPES}compositeWithTrainedAlgorithmicMedia"


@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp"])
def test_signing_changes_no_pixel(c2pa, tmp_path, photograph, suffix):
    target, _ = signed(tmp_path, photograph, f"new{suffix}")
    np.testing.assert_array_equal(images.read(target).rgb, RGB)


def test_a_changed_picture_is_noticed(c2pa, tmp_path, photograph):
    target, root = signed(tmp_path, photograph, "new.png")
    content = bytearray(target.read_bytes())
    content[-40] ^= 1  # in the pixels
    target.write_bytes(bytes(content))
    assert statement_of(c2pa, target, root)["validation_state"] == "Invalid"


def test_other_roots_do_not_trust_it(c2pa, tmp_path, photograph):
    target, _ = signed(tmp_path, photograph)
    (tmp_path / "other").mkdir()
    _, _, stranger = certificates.make(tmp_path / "other")
    assert statement_of(c2pa, target, stranger)["validation_state"] == "Valid"


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_keys_of_other_kinds_sign(c2pa, tmp_path, photograph, kind):
    target, root = signed(tmp_path, photograph, made=certificates.make(tmp_path, kind))
    assert statement_of(c2pa, target, root)["validation_state"] == "Trusted"


def test_what_the_photograph_states_itself_is_kept(c2pa, tmp_path, photograph):
    made = certificates.make(tmp_path)
    first, _ = signed(tmp_path, photograph, "first.jpg", made)
    second, root = signed(tmp_path, first, "second.jpg", made)
    found = statement_of(c2pa, second, root)
    assert len(found["manifests"]) == 2
    assert {manifest["title"] for manifest in found["manifests"].values()} == {"first.jpg", "second.jpg"}


@pytest.mark.parametrize("name", ["old.bmp", "wrong.png", "cut.jpg"])
def test_a_photograph_of_any_kind_can_be_stated(c2pa, tmp_path, photograph, name):
    """A format without manifests, a wrong suffix, and a damaged file."""
    source = tmp_path / name
    if name.endswith("bmp"):
        Image.fromarray(RGB).save(source)
    else:
        source.write_bytes(photograph.read_bytes()[: 900 if name == "cut.jpg" else None])
    target, root = signed(tmp_path, source, source_type=ENHANCED)
    found = statement_of(c2pa, target, root)
    assert found["validation_state"] == "Trusted"
    assert f"{SOURCE_TYPES}algorithmicallyEnhanced" in json.dumps(found)


def test_the_trial_tells_a_wrong_certificate(c2pa, tmp_path):
    chain, key, _ = certificates.make(tmp_path)
    Signer(chain, key).try_out()
    for folder, options, message in (
        ("old", {"expired": True}, "not valid at time of signing"),
        ("mail", {"for_signing": False}, "the certificate is invalid"),
        ("other", {}, "does not match"),
    ):
        (tmp_path / folder).mkdir()
        wrong, own_key, _ = certificates.make(tmp_path / folder, **options)
        with pytest.raises(InputError, match=message) as raised:
            Signer(wrong, key if folder == "other" else own_key).try_out()
        assert str(wrong) in str(raised.value)


def test_wrong_keys_are_sentences(c2pa, tmp_path):
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import dsa

    chain, key, _ = certificates.make(tmp_path)
    pem, layout = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    own = serialization.load_pem_private_key(key.read_bytes(), None)
    other = dsa.generate_private_key(1024)
    for content, message in (
        (b"no key", "not a private key in PEM format"),
        (own.private_bytes(pem, layout, serialization.BestAvailableEncryption(b"secret")), "has a password"),
        (other.private_bytes(pem, layout, serialization.NoEncryption()), "P-256, P-384, P-521, RSA and Ed25519 only"),
    ):
        key.write_bytes(content)
        with pytest.raises(InputError, match=message):
            Signer(chain, key)
    with pytest.raises(InputError, match="cannot read"):
        Signer(tmp_path / "none.pem", key)


def test_formats_that_hold_no_signature_are_refused_and_nothing_is_left(c2pa, tmp_path, photograph):
    with pytest.raises(InputError, match="BMP files hold no signature; choose another `format`"):
        signed(tmp_path, photograph, "new.bmp")
    assert not list(tmp_path.glob("*.bmp"))
    assert not list(tmp_path.glob(".fusioncolor*"))


def test_without_the_package_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(signing, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"pip install fusioncolor\[sign\]"):
        Signer(tmp_path, tmp_path)
