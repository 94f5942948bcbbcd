//! The body of a long answer, which tells its connection that it is on its way.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;

use super::lines::Line;

/// Answers up to this many bytes lie whole in the kernel's buffer at once.
const SHORT: u64 = 16 << 10;

/// A body, for as long as it is being sent.
struct Sending {
    body: BoxBody,
    line: Arc<Line>,
}

/// Has `line` know of a body until it is handed over whole, unless it is short.
pub(super) fn watched(body: BoxBody, line: &Arc<Line>) -> BoxBody {
    match body.size() {
        BodySize::None => body,
        BodySize::Sized(bytes) if bytes <= SHORT => body,
        BodySize::Sized(_) | BodySize::Stream => {
            line.send();
            BoxBody::new(Sending {
                body,
                line: Arc::clone(line),
            })
        }
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.line.sent();
    }
}

impl MessageBody for Sending {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}
