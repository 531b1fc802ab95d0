"""Certificates for tests of signatures: a root of their own, and what it signed."""

import datetime
from pathlib import Path

DAY = datetime.timedelta(days=1)


def make(folder: Path, kind: str = "ec", *, expired: bool = False, for_signing: bool = True) -> tuple[Path, Path, str]:
    """Writes a chain of certificates and the private key of its first; returns both paths, and the root in PEM.

    Args:
        folder: for the two files.
        kind: of the key: "ec", "rsa" or "ed25519".
        expired: whether the certificate is too old.
        for_signing: whether it has the extension that C2PA demands.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    makers = {
        "ec": lambda: ec.generate_private_key(ec.SECP256R1()),
        "rsa": lambda: rsa.generate_private_key(65537, 2048),
        "ed25519": ed25519.Ed25519PrivateKey.generate,
    }
    now, pem = datetime.datetime.now(datetime.UTC), serialization.Encoding.PEM

    def name(common: str) -> x509.Name:
        organization = x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "An archive")
        return x509.Name([organization, x509.NameAttribute(x509.NameOID.COMMON_NAME, common)])

    def certificate(subject: str, key, root_key, *, is_root: bool, until: datetime.datetime) -> x509.Certificate:
        usage = {"digital_signature": not is_root, "key_cert_sign": is_root, "crl_sign": is_root}
        others = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only")
        builder = x509.CertificateBuilder(
            name("root"), name(subject), key.public_key(), x509.random_serial_number(), now - 20 * DAY, until
        )
        builder = builder.add_extension(x509.BasicConstraints(is_root, None), critical=True)
        builder = builder.add_extension(
            x509.KeyUsage(**usage, **dict.fromkeys(others, False), decipher_only=False), critical=True
        )
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key())
        builder = builder.add_extension(issuer, critical=False)
        if not is_root and for_signing:
            builder = builder.add_extension(
                x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False
            )
        return builder.sign(root_key, hashes.SHA256())

    root_key, key = makers["ec"](), makers[kind]()
    root = certificate("root", root_key, root_key, is_root=True, until=now + 30 * DAY).public_bytes(pem)
    own = certificate("signer", key, root_key, is_root=False, until=now - DAY if expired else now + 20 * DAY)
    chain, private = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(own.public_bytes(pem) + root)
    private.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return chain, private, root.decode()
