//! `/v1/receipts/{index}`: proofs, made afresh at the newest checkpoint.

use actix_web::{HttpRequest, HttpResponse, web};

use super::access::{AnyRole, Reader};
use super::failure::Failure;
use super::path::{Index, parse_plain};
use super::tagged;
use crate::limits::RECEIPT_ITEMS_MAX;
use crate::wire::ErrorCode;

/// Gives a fresh receipt of those items of an entry that the reader may see.
#[utoipa::path(
    get, path = "/v1/receipts/{index}", tag = "receipts",
    params(
        ("index" = u64, Path, description = "Log index"),
        ("item" = Option<Vec<u32>>, Query, max_items = 16, description = "Numbers of items, at most 16; all that the reader may see if left out"),
    ),
    security(("session" = [])),
    responses(
        (status = 304, description = "`If-None-Match` names what would be sent"),
        (status = 200, description = "The receipt file", body = super::openapi_schema::Receipt),
        (status = 404, description = "`ITEM_NOT_FOUND`: there is nothing, or it is somebody else's", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn receipt(
    reader: Reader<AnyRole>,
    index: web::Path<Index>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let items = items(request.query_string())?;
    let receipt = reader.read(ErrorCode::ItemNotFound, move |log, viewer| {
        log.receipt(index.0, items.as_deref(), viewer)
    });
    tagged::json(&request, &receipt.await?, None)
}

/// Reads `item=1&item=2`.
fn items(query: &str) -> Result<Option<Vec<u32>>, Failure> {
    let wrong = |detail: String| Failure::new(ErrorCode::QueryInvalid, detail);
    let mut items = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let number = pair.strip_prefix("item=").and_then(parse_plain);
        let number = number.ok_or_else(|| wrong("the query is `item=<number>`".to_owned()))?;
        items.push(number);
    }
    if items.len() > RECEIPT_ITEMS_MAX {
        return Err(wrong(format!("at most {RECEIPT_ITEMS_MAX} items at once")));
    }
    Ok((!items.is_empty()).then_some(items))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_numbers() {
        assert_eq!(items("").unwrap(), None);
        assert_eq!(items("item=1&item=20").unwrap(), Some(vec![1, 20]));
        let many = "item=1&".repeat(RECEIPT_ITEMS_MAX + 1);
        for wrong in ["item", "item=", "item=-1", "items=1", "item=1,2", &many] {
            assert!(items(wrong).is_err(), "{wrong}");
        }
    }
}
