//! The words that bodies and answers consist of, each with its grammar, for `/openapi.json`.

use std::borrow::Cow;

use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{KnownFormat, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

macro_rules! words {
    ($($(#[doc = $doc:literal])+ $name:ident, $format:expr, $pattern:literal, $example:literal;)*) => {
        $(
            $(#[doc = $doc])+
            pub(super) enum $name {}

            impl PartialSchema for $name {
                fn schema() -> RefOr<Schema> {
                    let lines: &[&str] = &[$($doc),+];
                    word(lines, $format, $pattern, $example)
                }
            }

            impl ToSchema for $name {
                fn name() -> Cow<'static, str> {
                    Cow::Borrowed(stringify!($name))
                }
            }
        )*
    };
}

words! {
    /// An account's address; what stands before the first colon is its owner's id.
    Address, None, "^[A-Za-z0-9._:-]{1,64}$", "bank-a:usd";
    /// 1 to 200 account addresses with commas between them.
    Addresses, None, "^[A-Za-z0-9._:-]{1,64}(,[A-Za-z0-9._:-]{1,64}){0,199}$",
        "bank-a:usd,bank-b:usd";
    /// An account in what was settled: its address, or `#` and its number if a binary batch named it
    /// so and it is not the reader's.
    AccountName, None, "^([A-Za-z0-9._:-]{1,64}|#[0-9]{1,20})$", "bank-b:usd";
    /// A participant: a bank, an auditor, or `operators`.
    ParticipantId, None, "^[a-z0-9-]{1,32}$", "bank-a";
    /// A participant by its id, its BIC or its LEI.
    ParticipantName, None, "^[A-Za-z0-9-]{1,32}$", "DEUTDEFF500";
    /// A business identifier code (ISO 9362), with or without a branch.
    Bic, None, "^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$", "DEUTDEFF500";
    /// A legal entity identifier (ISO 17442); the last two characters check the others (ISO 7064,
    /// MOD 97-10).
    Lei, None, "^[A-Z0-9]{18}[0-9]{2}$", "7LTWFZYICNSX8D621K86";
    /// The name of a settlement model.
    ModelId, None, "^[a-z0-9-]{1,32}$", "ach";
    /// Where a rate comes from.
    SourceId, None, "^[a-z0-9-]{1,32}$", "desk";
    /// A price as two whole numbers: so many units of one asset for so many of another.
    Ratio, None, "^[1-9][0-9]{0,18}/[1-9][0-9]{0,18}$", "108345/100000";
    /// A part of a minor unit, in lowest terms.
    Residue, None, "^[1-9][0-9]{0,38}/[1-9][0-9]{0,38}$", "1/3";
    /// An asset: an ISO 4217 code or a CAIP-19 id.
    AssetId, None, "^[A-Za-z0-9:/._-]{1,179}$", "USD";
    /// A message's id, chosen by its submitter.
    MessageId, None, "^[A-Za-z0-9._:/-]{1,64}$", "2026-11-23-000017";
    /// A case in the operators' files.
    CaseId, None, "^[A-Za-z0-9-]{1,35}$", "2026-0117";
    /// An instruction's id: a UUID of version 7, in lower case.
    InstructionId, None,
        "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
        "019a9c5e-7d40-7a3b-8c1d-2f6e5b4a3928";
    /// An amount to be moved: digits, then perhaps a point and up to 18 decimals.
    Amount, None, "^(0|[1-9][0-9]{0,28})(\\.[0-9]{1,18})?$", "1250.00";
    /// An amount on an account, with exactly the asset's decimal places.
    Balance, None, "^-?[0-9]+(\\.[0-9]{1,18})?$", "8750.00";
    /// RFC 3339, with an offset; answers are in UTC.
    Time, Some(KnownFormat::DateTime), "",
        "2026-11-23T09:30:00.123456789Z";
    /// A date in the calendar of an asset (ISO 8601).
    DateText, Some(KnownFormat::Date), "", "2026-12-24";
    /// A month of a year (ISO 8601).
    MonthText, None, "^[0-9]{4}-(0[1-9]|1[0-2])$", "2026-12";
    /// A time of day to the minute.
    TimeOfDay, None, "^([01][0-9]|2[0-3]):[0-5][0-9]$", "17:30";
    /// A public key with its name: `<name>+<key id>+<base64>`, as in signed notes.
    Vkey, None, "^[^+\\s]{1,255}\\+[0-9a-f]{8}\\+[A-Za-z0-9+/]{44}$",
        "bank-a/hsm-1+5a31cb4c+AYtyQJn5fV5Y1LW2JqbFkLSWN+7K2aSxoH8ABhH0Asdt";
    /// The first four bytes of a key's hash.
    KeyId, None, "^[0-9a-f]{8}$", "5a31cb4c";
    /// 32 bytes, base64.
    HashText, None, "^[A-Za-z0-9+/]{43}=$", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    /// 16 random bytes, base64.
    Nonce, None, "^[A-Za-z0-9+/]{21}[AQgw]==$", "pYb0Xl8eQ1mR6s3vT9uKzA==";
    /// Bytes, base64 with padding.
    Bytes, None, "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$", "AQIDBA==";
    /// A stable code; new ones may be added.
    Code, None, "^[A-Z][A-Z0-9_]{1,63}$", "SETTLED";
}

/// Bytes that are no text.
macro_rules! binary {
    ($($(#[doc = $doc:literal])+ $name:ident;)*) => {
        $(
            $(#[doc = $doc])+
            pub(super) enum $name {}

            impl PartialSchema for $name {
                fn schema() -> RefOr<Schema> {
                    let lines: &[&str] = &[$($doc),+];
                    let description: Vec<_> = lines.iter().map(|line| line.trim()).collect();
                    ObjectBuilder::new()
                        .schema_type(Type::String)
                        .description(Some(description.join(" ")))
                        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
                        .into()
                }
            }

            impl ToSchema for $name {
                fn name() -> Cow<'static, str> {
                    Cow::Borrowed(stringify!($name))
                }
            }
        )*
    };
}

binary! {
    /// A binary batch: a header of 128 bytes and 1 to 8,189 records of 128 bytes; byte tables in
    /// chain/SPEC.md.
    BatchBytes;
    /// The answer to a binary batch: a header of 64 bytes, 16 bytes for each record, and the receipt
    /// as JSON; byte tables in chain/SPEC.md.
    OutcomesBytes;
}

fn word(
    lines: &[&str],
    format: Option<KnownFormat>,
    pattern: &str,
    example: &str,
) -> RefOr<Schema> {
    let description: Vec<_> = lines.iter().map(|line| line.trim()).collect();
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(description.join(" ")))
        .format(format.map(SchemaFormat::KnownFormat))
        .pattern((!pattern.is_empty()).then_some(pattern))
        .examples([example])
        .into()
}
