//! Proof formats.
#![no_std]
extern crate alloc;
