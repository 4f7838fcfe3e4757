//! A watch on a TCP connection of its own, and the frames that it says.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{SOON, Service};

pub struct Watch {
    pub stream: TcpStream,
    held: Vec<u8>,
}

impl Watch {
    pub async fn connect(service: &Service) -> Self {
        Self::reach(service.watch).await.unwrap()
    }

    /// Where a service may have gone.
    pub async fn reach(watch: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(watch).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, held: Vec::new() })
    }

    pub async fn say(&mut self, frame: impl AsRef<[u8]>) {
        self.stream.write_all(frame.as_ref()).await.unwrap();
    }

    /// The next reply, brackets included.
    pub async fn reply(&mut self) -> String {
        let reply = timeout(SOON, self.try_reply()).await.expect("a reply within the bound");
        reply.expect("the connection lives").expect("a reply before the end of the stream")
    }

    /// `None` at the end of the stream.
    pub async fn try_reply(&mut self) -> io::Result<Option<String>> {
        loop {
            if let Some(end) = self.held.iter().position(|byte| *byte == b']') {
                let reply: Vec<u8> = self.held.drain(..=end).collect();
                return Ok(Some(String::from_utf8(reply).unwrap()));
            }
            if self.stream.read_buf(&mut self.held).await? == 0 {
                return Ok(None);
            }
        }
    }

    /// Says a frame and expects its reply.
    pub async fn ask(&mut self, frame: impl AsRef<[u8]>, expected: &str) {
        self.say(frame).await;
        assert_eq!(self.reply().await, expected);
    }
}

pub fn frame(identity: &str, content: &str) -> String {
    format!("[3G*{identity}*{:04X}*{content}]", content.len())
}

/// An alarm: `at` is `ddmmyy,hhmmss`, `status` the bits in hex.
pub fn alarm(identity: &str, at: &str, status: &str) -> String {
    frame(identity, &format!("AL,{at},{}", body(status)))
}

/// What follows the time: no fix, and the status.
pub fn body(status: &str) -> String {
    format!("V,0.0,N,0.0,E,0.00,0.0,0.0,9,60,41,120,3,{status}")
}

pub fn answered(identity: &str) -> String {
    frame(identity, "AL")
}
