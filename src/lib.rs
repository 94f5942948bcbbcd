//! Quittance: a settlement node.
#![cfg_attr(not(feature = "node"), no_std)]
extern crate alloc;
