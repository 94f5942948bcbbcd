//! Seals: the root over all accounts at one log size, from which any single balance is proven.
//!
//! ```text
//! salt of account a    SHA-256(0x14 | secret | u64be a)
//! leaf                 SHA-256(0x00 | salt | sealed account)
//! aux of the entry     RFC 6962 root over the leaves, by account number
//! ```
//!
//! Numbers are dense from 0, so an account's number is its place in the tree. The salts keep equal
//! balances from looking equal: whoever sees one leaf, or the hashes beside it, learns nothing of
//! another. Field tables: `SPEC.md`, section "Seals".

use alloc::string::String;
use alloc::vec::Vec;

use crate::codec::{Reader, put_text};
use crate::item::{ITEM_VERSION, ItemError, TYPE_SEAL};
use crate::private_part::{Counters, ItemRef};
use crate::{Hash, salt};

const VERSION: u8 = 1;

/// One account as a seal states it, borrowed: lets a node hash millions without allocating.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedFields<'a> {
    /// Size of the log at which this was the account: entries below it count, others do not.
    pub sealed_size: u64,
    /// Accounts that there were: leaves under the seal.
    pub accounts: u64,
    /// Account number.
    pub number: u64,
    /// Asset id.
    pub asset: &'a str,
    /// Decimal places of the asset.
    pub scale: u8,
    /// Account address.
    pub address: &'a str,
    /// The four counters, minor units.
    pub counters: Counters,
    /// The last item that changed the account.
    pub last: Option<ItemRef>,
}

/// One account as a seal states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedAccount {
    /// Size of the log at which this was the account.
    pub sealed_size: u64,
    /// Accounts that there were: leaves under the seal.
    pub accounts: u64,
    /// Account number.
    pub number: u64,
    /// Asset id.
    pub asset: String,
    /// Decimal places of the asset.
    pub scale: u8,
    /// Account address.
    pub address: String,
    /// The four counters, minor units.
    pub counters: Counters,
    /// The last item that changed the account.
    pub last: Option<ItemRef>,
}

impl SealedFields<'_> {
    /// Appends `version | sealed size | accounts | number | asset | scale | address | counters | last`.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.push(VERSION);
        out.extend_from_slice(&self.sealed_size.to_be_bytes());
        out.extend_from_slice(&self.accounts.to_be_bytes());
        out.extend_from_slice(&self.number.to_be_bytes());
        put_text(out, self.asset);
        out.push(self.scale);
        put_text(out, self.address);
        put_counters(out, &self.counters);
        let last = self.last.unwrap_or(ItemRef {
            index: u64::MAX,
            item: u32::MAX,
        });
        out.extend_from_slice(&last.index.to_be_bytes());
        out.extend_from_slice(&last.item.to_be_bytes());
    }

    /// The leaf under a seal's secret. `buffer` is room to work in.
    pub fn leaf(&self, secret: &Hash, buffer: &mut Vec<u8>) -> Hash {
        buffer.clear();
        self.write(buffer);
        salt::item_leaf(&salt::account_salt(secret, self.number), buffer)
    }
}

impl SealedAccount {
    /// The fields.
    #[must_use]
    pub fn fields(&self) -> SealedFields<'_> {
        SealedFields {
            sealed_size: self.sealed_size,
            accounts: self.accounts,
            number: self.number,
            asset: &self.asset,
            scale: self.scale,
            address: &self.address,
            counters: self.counters,
            last: self.last,
        }
    }

    /// The bytes that are hashed into a leaf, behind the salt.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.fields().write(&mut out);
        out
    }

    /// Reads the bytes back, strictly.
    ///
    /// # Errors
    /// [`ItemError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, ItemError> {
        let mut r = Reader::new(bytes);
        let version = r.u8()?;
        if version != VERSION {
            return Err(ItemError::Version(version));
        }
        let (sealed_size, accounts, number) = (r.u64()?, r.u64()?, r.u64()?);
        if number >= accounts {
            return Err(ItemError::Field("number"));
        }
        let (asset, scale, address) = (r.text()?, r.u8()?, r.text()?);
        let counters = counters(&mut r)?;
        let last = match (r.u64()?, r.u32()?) {
            (u64::MAX, u32::MAX) => None,
            (u64::MAX, _) | (_, u32::MAX) => return Err(ItemError::Field("last")),
            (index, item) => Some(ItemRef { index, item }),
        };
        r.finish()?;
        Ok(Self {
            sealed_size,
            accounts,
            number,
            asset,
            scale,
            address,
            counters,
            last,
        })
    }
}

/// What a seal states of one asset: sums over all its accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedAsset {
    /// Asset id.
    pub asset: String,
    /// Decimal places.
    pub scale: u8,
    /// Accounts in the asset.
    pub accounts: u64,
    /// Sums of the counters: posted debits and credits are equal, and so are pending ones.
    pub sums: Counters,
    /// Ever issued, minor units.
    pub issued: u128,
    /// Ever redeemed; what is in circulation is the difference.
    pub redeemed: u128,
}

/// Item 1 of a seal: for auditors, who compute all of it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealItem {
    /// Size of the log at which the state is sealed.
    pub sealed_size: u64,
    /// What the salts of the leaves derive from; whoever has it can guess every balance.
    pub secret: Hash,
    /// Accounts: leaves under the entry's `aux`.
    pub accounts: u64,
    /// Totals by asset, in the order of the assets' numbers.
    pub assets: Vec<SealedAsset>,
}

impl SealItem {
    /// Appends the item's bytes to `out`.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[ITEM_VERSION, TYPE_SEAL]);
        out.extend_from_slice(&self.sealed_size.to_be_bytes());
        out.extend_from_slice(self.secret.as_bytes());
        out.extend_from_slice(&self.accounts.to_be_bytes());
        let count = u32::try_from(self.assets.len()).unwrap_or(u32::MAX);
        out.extend_from_slice(&count.to_be_bytes());
        for asset in &self.assets {
            put_text(out, &asset.asset);
            out.push(asset.scale);
            out.extend_from_slice(&asset.accounts.to_be_bytes());
            put_counters(out, &asset.sums);
            out.extend_from_slice(&asset.issued.to_be_bytes());
            out.extend_from_slice(&asset.redeemed.to_be_bytes());
        }
    }

    pub(crate) fn read(r: &mut Reader<'_>) -> Result<Self, ItemError> {
        let sealed_size = r.u64()?;
        let secret = r.hash()?;
        let (accounts, count) = (r.u64()?, r.u32()?);
        // The count is believed no further than bytes follow it.
        let mut assets = Vec::new();
        for _ in 0..count {
            assets.push(SealedAsset {
                asset: r.text()?,
                scale: r.u8()?,
                accounts: r.u64()?,
                sums: counters(r)?,
                issued: r.u128()?,
                redeemed: r.u128()?,
            });
        }
        Ok(Self {
            sealed_size,
            secret,
            accounts,
            assets,
        })
    }
}

fn put_counters(out: &mut Vec<u8>, c: &Counters) {
    for counter in [
        c.debits_pending,
        c.debits_posted,
        c.credits_pending,
        c.credits_posted,
    ] {
        out.extend_from_slice(&counter.to_be_bytes());
    }
}

fn counters(r: &mut Reader<'_>) -> Result<Counters, ItemError> {
    Ok(Counters {
        debits_pending: r.u128()?,
        debits_posted: r.u128()?,
        credits_pending: r.u128()?,
        credits_posted: r.u128()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Item;

    fn account() -> SealedAccount {
        SealedAccount {
            sealed_size: 4711,
            accounts: 12,
            number: 7,
            asset: "USD".into(),
            scale: 2,
            address: "bank-a:usd".into(),
            counters: Counters {
                debits_pending: 1,
                debits_posted: 2,
                credits_pending: 3,
                credits_posted: 4,
            },
            last: Some(ItemRef { index: 9, item: 1 }),
        }
    }

    #[test]
    fn an_account_round_trips_and_is_read_strictly() {
        for account in [
            account(),
            SealedAccount {
                last: None,
                ..account()
            },
        ] {
            let bytes = account.to_bytes();
            assert_eq!(SealedAccount::parse(&bytes), Ok(account.clone()));
            for end in 0..bytes.len() {
                assert!(SealedAccount::parse(&bytes[..end]).is_err());
            }
            assert!(SealedAccount::parse(&[&bytes[..], &[0]].concat()).is_err());
            let mut half = bytes.clone();
            let end = half.len();
            half[end - 12..end - 4].fill(0xff);
            half[end - 4..].fill(0);
            assert_eq!(SealedAccount::parse(&half), Err(ItemError::Field("last")));
        }
    }

    #[test]
    fn equal_accounts_have_leaves_that_do_not_look_equal() {
        let (mut buffer, secret) = (Vec::new(), Hash::from_bytes([7; 32]));
        let one = account();
        let other = SealedAccount {
            number: 8,
            ..account()
        };
        let leaves = [&one, &other].map(|a| a.fields().leaf(&secret, &mut buffer));
        assert_ne!(leaves[0], leaves[1]);
        let salt = salt::account_salt(&secret, 7);
        assert_eq!(leaves[0], salt::item_leaf(&salt, &one.to_bytes()));
        let elsewhere = one.fields().leaf(&Hash::from_bytes([8; 32]), &mut buffer);
        assert_ne!(elsewhere, leaves[0]);
    }

    #[test]
    fn a_seal_item_round_trips() {
        let item = Item::Seal(SealItem {
            sealed_size: 4711,
            secret: Hash::from_bytes([3; 32]),
            accounts: 12,
            assets: alloc::vec![SealedAsset {
                asset: "USD".into(),
                scale: 2,
                accounts: 11,
                sums: account().counters,
                issued: 500,
                redeemed: 20,
            }],
        });
        let bytes = item.to_bytes();
        assert_eq!(Item::parse(&bytes), Ok(item));
        for end in 0..bytes.len() {
            assert!(Item::parse(&bytes[..end]).is_err());
        }
    }
}
