//! The socket of a connection together with what is remembered of it ([`Line`]): whoever hangs up
//! ends its reads and writes, and whatever the other side takes is noted.
//!
//! A second descriptor of the socket, to shut it down by, would do as well, and would halve how
//! many connections a process may hold.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use actix_web::rt::net::{ActixStream, Ready, TcpStream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::lines::Line;

/// A connection's socket.
pub(super) struct Watched {
    socket: TcpStream,
    line: Arc<Line>,
}

impl Watched {
    pub(super) fn new(socket: TcpStream, line: Arc<Line>) -> Watched {
        Watched { socket, line }
    }

    pub(super) fn line(&self) -> &Arc<Line> {
        &self.line
    }

    pub(super) fn socket(&self) -> &TcpStream {
        &self.socket
    }

    fn check(&self, context: &Context<'_>) -> io::Result<()> {
        match self.line.is_ended(context.waker()) {
            true => Err(io::ErrorKind::ConnectionAborted.into()),
            false => Ok(()),
        }
    }

    fn noted(&self, written: usize) -> usize {
        if written > 0 {
            self.line.took();
        }
        written
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check(context)?;
        Pin::new(&mut self.socket).poll_read(context, buffer)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check(context)?;
        let written = ready!(Pin::new(&mut self.socket).poll_write(context, bytes))?;
        Poll::Ready(Ok(self.noted(written)))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check(context)?;
        let written = ready!(Pin::new(&mut self.socket).poll_write_vectored(context, parts))?;
        Poll::Ready(Ok(self.noted(written)))
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}

impl ActixStream for Watched {
    fn poll_read_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        self.socket
            .poll_read_ready(context)
            .map_ok(|()| Ready::READABLE)
    }

    fn poll_write_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        self.socket
            .poll_write_ready(context)
            .map_ok(|()| Ready::WRITABLE)
    }
}
