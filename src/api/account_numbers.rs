//! `/v1/numbers`: the numbers of accounts whose addresses one knows, for binary batches.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::access::{AnyRole, Reader};
use super::failure::Failure;
use super::tagged;
use crate::ledger::Address;
use crate::limits::NUMBERS_MAX;
use crate::wire::ErrorCode;

/// Whose numbers.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct NumbersQuery {
    /// 1 to 200 account addresses with commas between them.
    #[param(value_type = super::openapi_words::Addresses)]
    addresses: String,
}

/// Gives the numbers of accounts whose addresses one knows, all at one log index.
#[utoipa::path(
    get, path = "/v1/numbers", tag = "accounts", operation_id = "numbers", params(NumbersQuery), security(("session" = [])),
    responses(
        (status = 200, description = "Number and asset of each account; what is no account's address stands in `unknown`", body = super::openapi_numbers::Numbers),
        (status = 304, description = "`If-None-Match` names what would be sent"),
    )
)]
pub(super) async fn list(
    request: HttpRequest,
    reader: Reader<AnyRole>,
    query: web::Query<NumbersQuery>,
) -> Result<HttpResponse, Failure> {
    let addresses = addresses(&query.addresses)?;
    let numbers = reader.read(ErrorCode::Internal, move |log, _| {
        Ok(log.numbers_of(&addresses))
    });
    tagged::json(&request, &numbers.await?, None)
}

fn addresses(text: &str) -> Result<Vec<Address>, Failure> {
    let wrong = |detail: String| Failure::new(ErrorCode::QueryInvalid, detail);
    if text.split(',').count() > NUMBERS_MAX {
        return Err(wrong(format!(
            "`addresses` has more than {NUMBERS_MAX} of them"
        )));
    }
    let address = |(n, text): (usize, &str)| {
        let place = n.saturating_add(1);
        Address::new(text).map_err(|error| wrong(format!("address {place}: {error}")))
    };
    text.split(',').enumerate().map(address).collect()
}
