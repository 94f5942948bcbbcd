//! HTTP/1.1 as far as a load generator needs it: answers with a length, read whole.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};

/// How long the operators' listener may take for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Reads one answer into `buffer`; gives its status and where its body begins.
pub(super) async fn read_answer(
    line: &mut (impl AsyncRead + Unpin + ?Sized),
    buffer: &mut Vec<u8>,
) -> io::Result<(u16, usize)> {
    buffer.clear();
    loop {
        if line.read_buf(buffer).await? == 0 {
            return Err(io::Error::other("the node closed the connection"));
        }
        let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else {
            continue;
        };
        let head = std::str::from_utf8(&buffer[..end]).map_err(io::Error::other)?;
        let (status, length) =
            parse_head(head).ok_or_else(|| io::Error::other(format!("not an answer: {head}")))?;
        let body = end + 4;
        buffer.reserve((body + length).saturating_sub(buffer.len()));
        while buffer.len() < body + length {
            if line.read_buf(buffer).await? == 0 {
                return Err(io::Error::other("the node closed the connection"));
            }
        }
        return Ok((status, body));
    }
}

fn parse_head(head: &str) -> Option<(u16, usize)> {
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let length = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse().ok())?
    })?;
    Some((status, length))
}

/// Asks the operators' listener; gives the status and the body as text.
pub(crate) fn get(address: SocketAddr, path: &str) -> io::Result<(u16, String)> {
    let mut line = TcpStream::connect(address)?;
    line.set_read_timeout(Some(PATIENCE))?;
    write!(
        line,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    line.read_to_string(&mut answer)?;
    let split = answer.split_once("\r\n\r\n").and_then(|(head, body)| {
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some((status, body.to_owned()))
    });
    split.ok_or_else(|| io::Error::other(format!("not an answer: {answer}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> io::Result<(u16, Vec<u8>)> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(async {
            let mut buffer = b"of the answer before".to_vec();
            let (status, body) = read_answer(&mut &bytes[..], &mut buffer).await?;
            Ok((status, buffer[body..].to_vec()))
        })
    }

    #[test]
    fn an_answer_is_read_to_its_end() {
        let answer = b"HTTP/1.1 201 Created\r\nContent-LENGTH: 5\r\nX: y\r\n\r\nhello";
        assert_eq!(read(answer).unwrap(), (201, b"hello".to_vec()));
        assert_eq!(
            read(b"HTTP/1.1 503 S\r\ncontent-length:0\r\n\r\n")
                .unwrap()
                .0,
            503
        );
        for cut in [10, answer.len() - 1] {
            assert!(read(&answer[..cut]).is_err());
        }
        for wrong in [
            "HTTP/1.1 201 C\r\nX: y\r\n\r\n",
            "HTTP/1.1\r\nContent-Length: 1\r\n\r\nx",
        ] {
            assert!(read(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
