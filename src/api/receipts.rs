//! `/v1/receipts/{index}`: proofs, made afresh at the newest checkpoint.

use actix_web::{HttpRequest, HttpResponse, web};

use super::access::{AnyRole, Reader};
use super::failure::Failure;
use super::path::{Index, parse_plain};
use super::tagged;
use crate::limits::RECEIPT_ITEMS_MAX;
use crate::wire::{ErrorCode, ReceiptLevel};

/// Gives a fresh receipt of those items of an entry that the reader may see.
#[utoipa::path(
    get, path = "/v1/receipts/{index}", tag = "receipts",
    params(
        ("index" = u64, Path, description = "Log index"),
        ("level" = Option<String>, Query, description = "`log-signed` (what is meant if left out) or `witnessed`: cosigned by a quorum"),
        ("item" = Option<Vec<u32>>, Query, max_items = 16, description = "Numbers of items, at most 16; all that the reader may see if left out"),
    ),
    security(("session" = [])),
    responses(
        (status = 304, description = "`If-None-Match` names what would be sent"),
        (status = 200, description = "The receipt file", body = super::openapi_schema::Receipt),
        (status = 404, description = "`ITEM_NOT_FOUND`: there is nothing, or it is somebody else's; `NOT_WITNESSED`: no quorum covers the entry yet", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn receipt(
    reader: Reader<AnyRole>,
    index: web::Path<Index>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let Asked { items, level } = asked(request.query_string())?;
    let receipt = reader.read(ErrorCode::ItemNotFound, move |log, viewer| {
        log.receipt(index.0, items.as_deref(), level, viewer)
    });
    tagged::json(&request, &receipt.await?, None)
}

/// What of an entry is asked for, and how well proven.
struct Asked {
    items: Option<Vec<u32>>,
    level: ReceiptLevel,
}

/// Reads `item=1&item=2&level=witnessed`.
fn asked(query: &str) -> Result<Asked, Failure> {
    let wrong = |detail: String| Failure::new(ErrorCode::QueryInvalid, detail);
    let (mut items, mut level) = (Vec::new(), None);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        if let Some(word) = pair.strip_prefix("level=") {
            let known = match word {
                "log-signed" => Some(ReceiptLevel::LogSigned),
                "witnessed" => Some(ReceiptLevel::Witnessed),
                _ => None,
            };
            if known.is_none() || level.is_some() {
                let detail = "`level` is `log-signed` or `witnessed`, once";
                return Err(wrong(detail.to_owned()));
            }
            level = known;
            continue;
        }
        let number = pair.strip_prefix("item=").and_then(parse_plain);
        let number = number
            .ok_or_else(|| wrong("the query is `item=<number>` and `level=<level>`".to_owned()))?;
        items.push(number);
    }
    if items.len() > RECEIPT_ITEMS_MAX {
        return Err(wrong(format!("at most {RECEIPT_ITEMS_MAX} items at once")));
    }
    Ok(Asked {
        items: (!items.is_empty()).then_some(items),
        level: level.unwrap_or(ReceiptLevel::LogSigned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_numbers() {
        let items = |query| asked(query).map(|asked| asked.items);
        assert_eq!(items("").ok(), Some(None));
        assert_eq!(items("item=1&item=20").ok(), Some(Some(vec![1, 20])));
        let level = |query| asked(query).map(|asked| asked.level).ok();
        assert_eq!(level(""), Some(ReceiptLevel::LogSigned));
        assert_eq!(level("level=log-signed"), Some(ReceiptLevel::LogSigned));
        assert_eq!(
            level("item=1&level=witnessed"),
            Some(ReceiptLevel::Witnessed)
        );
        for wrong in ["level=", "level=2", "level=witnessed&level=witnessed"] {
            assert_eq!(level(wrong), None, "{wrong}");
        }
        let many = "item=1&".repeat(RECEIPT_ITEMS_MAX + 1);
        for wrong in ["item", "item=", "item=-1", "items=1", "item=1,2", &many] {
            assert!(items(wrong).is_err(), "{wrong}");
        }
    }
}
