//! Signatures that a lenient verification accepts: ours refuses whatever dalek's `verify_strict` does, and
//! nothing else.

use chain::VerifierKey;
use curve25519_dalek::EdwardsPoint;
use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::scalar::Scalar;
use ed25519_dalek::{Signature, Signer, SigningKey, Verifier, VerifyingKey};
use sha2::{Digest, Sha512};

fn challenge(r: &[u8; 32], key: &[u8; 32], message: &[u8]) -> Scalar {
    let hash = Sha512::new().chain_update(r).chain_update(key);
    Scalar::from_bytes_mod_order_wide(&hash.chain_update(message).finalize().into())
}

fn joined(r: [u8; 32], s: [u8; 32]) -> [u8; 64] {
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&r);
    signature[32..].copy_from_slice(&s);
    signature
}

/// What ours, dalek's strict and dalek's lenient verification say.
fn judged(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> (bool, bool, bool) {
    let theirs = VerifyingKey::from_bytes(key).expect("a point");
    let ours = VerifierKey::new("bank-a/hsm-1", key).expect("a point");
    let parsed = Signature::from_bytes(signature);
    (
        ours.verify(message, signature).is_ok(),
        theirs.verify_strict(message, &parsed).is_ok(),
        theirs.verify(message, &parsed).is_ok(),
    )
}

/// A key whose point has a part of small order: `R` can be chosen of small order, and signed for.
#[test]
fn an_r_of_small_order_is_refused_though_it_verifies() {
    let secret = Scalar::from(0x0051_e77e_u64);
    let point: EdwardsPoint = ED25519_BASEPOINT_POINT * secret + EIGHT_TORSION[1];
    let key = point.compress().to_bytes();
    let mut met = [false; 8];
    for n in 0u32..4_000 {
        let message = n.to_be_bytes();
        for (torsion, met) in EIGHT_TORSION.iter().zip(&mut met) {
            let r = torsion.compress().to_bytes();
            let s = challenge(&r, &key, &message) * secret;
            let (ours, strict, lenient) = judged(&key, &message, &joined(r, s.to_bytes()));
            assert_eq!((ours, strict), (false, false));
            *met |= lenient;
        }
        if met.iter().all(|met| *met) {
            return;
        }
    }
    panic!("not every point of small order was met where it verifies: {met:?}");
}

#[test]
fn nothing_holds_under_a_key_of_small_order() {
    let mut accepted = 0;
    for torsion in EIGHT_TORSION {
        let key = torsion.compress().to_bytes();
        for n in 0u32..64 {
            let message = n.to_be_bytes();
            // s B = R: what is left of the equation if the key's part of it is nothing.
            let s = Scalar::from(u64::from(n) + 2);
            let r = (ED25519_BASEPOINT_POINT * s).compress().to_bytes();
            let (ours, strict, lenient) = judged(&key, &message, &joined(r, s.to_bytes()));
            assert_eq!((ours, strict), (false, false));
            accepted += u32::from(lenient);
        }
    }
    assert!(accepted > 64, "{accepted}");
}

#[test]
fn other_texts_of_points_and_numbers_are_refused_alike() {
    let signer = SigningKey::from_bytes(&[7; 32]);
    let key = signer.verifying_key().to_bytes();
    let message = b"settle";
    let good = signer.sign(message).to_bytes();
    assert_eq!(judged(&key, message, &good), (true, true, true));
    for bit in 0..512 {
        let mut changed = good;
        changed[bit / 8] ^= 1 << (bit % 8);
        let (ours, strict, _) = judged(&key, message, &changed);
        assert_eq!((ours, strict), (false, false), "bit {bit}");
    }
    // s and the group's order: the same number, another text.
    let order: [u8; 32] = {
        let mut bytes = (-Scalar::ONE).to_bytes();
        bytes[0] += 1;
        bytes
    };
    let mut carry = 0u16;
    let mut raised = good;
    for (byte, add) in raised[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        (*byte, carry) = (sum as u8, sum >> 8);
    }
    assert_eq!(judged(&key, message, &raised), (false, false, false));
    // Other texts of points of small order: y above the field's prime, and a sign where x is zero.
    let s = [0; 32];
    for (low, high) in [
        (0xed, 0x7f),
        (0xee, 0x7f),
        (0xed, 0xff),
        (0xee, 0xff),
        (0xec, 0xff),
    ] {
        let mut r = [0xff; 32];
        (r[0], r[31]) = (low, high);
        let (ours, strict, _) = judged(&key, message, &joined(r, s));
        assert_eq!((ours, strict), (false, false));
    }
}
