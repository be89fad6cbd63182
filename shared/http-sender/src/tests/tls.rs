use super::vendor::{Reply, Vendor, answer};
use super::wire::{get, why};
use super::{RuntimeClock, names};
use crate::{HttpSender, Options};
use connectors::NotConnected;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

/// A certificate for `name` that vouches for itself, and the server's side of it.
fn certificate(name: &str) -> (CertificateDer<'static>, TlsAcceptor) {
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref(), &random).unwrap();
    let body = unsigned(name, key.public_key().as_ref());
    let signature = key.sign(&random, &body).unwrap();
    let certificate: CertificateDer<'static> = sequence(&[&body, &ecdsa_sha256(), &bits(signature.as_ref())]).into();
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], PrivatePkcs8KeyDer::from(pkcs8.as_ref().to_vec()).into())
        .unwrap();
    (certificate, TlsAcceptor::from(Arc::new(config)))
}

/// What is signed of a certificate (X.509 version 3), in DER.
fn unsigned(name: &str, public_key: &[u8]) -> Vec<u8> {
    let common_name = der(0x31, &sequence(&[&oid(&[0x55, 4, 3]), &der(0x0c, name.as_bytes())]));
    let who = sequence(&[&common_name]);
    let validity = sequence(&[&der(0x17, b"200101000000Z"), &der(0x17, b"491231235959Z")]);
    let ec_public_key = oid(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1]);
    let p256 = oid(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]);
    let key = sequence(&[&sequence(&[&ec_public_key, &p256]), &bits(public_key)]);
    let names = sequence(&[&der(0x82, name.as_bytes())]);
    let alternative_names = sequence(&[&oid(&[0x55, 0x1d, 0x11]), &der(0x04, &names)]);
    let (version, serial) = (der(0xa0, &der(0x02, &[2])), der(0x02, &[1]));
    let extensions = der(0xa3, &sequence(&[&alternative_names]));
    sequence(&[&version, &serial, &ecdsa_sha256(), &who, &validity, &who, &key, &extensions])
}

fn ecdsa_sha256() -> Vec<u8> {
    sequence(&[&oid(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2])])
}

fn oid(content: &[u8]) -> Vec<u8> {
    der(0x06, content)
}

fn bits(content: &[u8]) -> Vec<u8> {
    der(0x03, &[&[0], content].concat())
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    der(0x30, &parts.concat())
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let [high, low] = u16::try_from(length).unwrap().to_be_bytes();
    let head: &[u8] = match length {
        0..0x80 => &[tag, low],
        0x80..0x100 => &[tag, 0x81, low],
        _ => &[tag, 0x82, high, low],
    };
    [head, content].concat()
}

fn sender_trusting(certificates: impl IntoIterator<Item = CertificateDer<'static>>) -> HttpSender {
    let mut roots = rustls::RootCertStore::empty();
    for certificate in certificates {
        roots.add(certificate).unwrap();
    }
    let options = Options { allow_private_targets: true, ..Options::default() };
    HttpSender::with(options, Arc::new(RuntimeClock::default()), names(&[&["127.0.0.1"]]), Arc::new(roots))
}

#[tokio::test]
async fn a_trusted_vendor_is_called_and_any_other_is_told_nothing() {
    let (certificate, tls) = certificate("shop.example");
    let vendor = Vendor::secured(tls, |_| Reply::Say(answer("200 OK", "", "ok"))).await;
    let url = |name: &str| format!("https://{name}:{}/", vendor.address.port());
    let trusting = sender_trusting([certificate]);
    assert_eq!(get(&trusting, &url("shop.example")).await.unwrap().status, 200);
    assert_eq!(get(&trusting, &url("shop.example")).await.unwrap().status, 200);
    assert_eq!(vendor.connections(), 1, "a handshake is not made twice");
    assert_eq!(why(get(&trusting, &url("other.example")).await), NotConnected::Tls);
    assert_eq!(why(get(&sender_trusting([]), &url("shop.example")).await), NotConnected::Tls);
    assert_eq!(vendor.requests().len(), 2);
}
