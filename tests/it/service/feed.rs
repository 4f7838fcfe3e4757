//! Websockets: a console's feed, whose numbers are checked as they come, and a responder's link.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async, connect_async};

use super::{SOON, Service};

pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// What came in.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    Said(Value),
    /// The close code, or none where the connection broke.
    Closed(Option<u16>),
}

impl Socket {
    /// Upgrades `path`, with these headers.
    pub async fn open(service: &Service, path: &str, headers: &[(&'static str, &str)]) -> Result<Self, StatusCode> {
        let mut request = format!("ws://{}{path}", service.http).into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        match timeout(SOON, connect_async(request)).await.expect("an upgrade within the bound") {
            Ok((stream, _)) => Ok(Self(stream)),
            Err(Error::Http(response)) => Err(StatusCode::from_u16(response.status().as_u16()).unwrap()),
            Err(error) => panic!("{path}: {error}"),
        }
    }

    /// Whose end takes few bytes before it is read.
    pub async fn narrow(service: &Service, path: &str) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let stream = MaybeTlsStream::Plain(socket.connect(service.http).await.unwrap());
        let (stream, _) = client_async(format!("ws://{}{path}", service.http), stream).await.unwrap();
        Self(stream)
    }

    /// Where a service may have gone.
    pub async fn reach(http: SocketAddr, path: &str) -> Option<Self> {
        connect_async(format!("ws://{http}{path}")).await.ok().map(|(stream, _)| Self(stream))
    }

    /// A link of a responder, with the state it begins with.
    pub async fn responder(service: &Service, secret: &str) -> (Self, Value) {
        let mut socket = Self::open(service, "/api/v1/responder/live", &[]).await.unwrap();
        socket.say(&json!({"hello": {"token": secret}})).await;
        let state = socket.find("state").await;
        (socket, state)
    }

    pub async fn say(&mut self, value: &Value) {
        self.say_text(&value.to_string()).await;
    }

    pub async fn say_text(&mut self, text: &str) {
        self.try_say(text).await.unwrap();
    }

    pub async fn try_say(&mut self, text: &str) -> Result<(), Error> {
        self.0.send(Message::text(text)).await
    }

    pub async fn hear(&mut self) -> Heard {
        timeout(SOON, self.listen()).await.expect("a message within the bound")
    }

    /// Without a bound.
    pub async fn listen(&mut self) -> Heard {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => return Heard::Said(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(frame))) => return Heard::Closed(frame.map(|it| it.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Heard::Closed(None),
            }
        }
    }

    /// The next message with this word in it; others are passed over.
    pub async fn find(&mut self, word: &str) -> Value {
        let finding = async {
            loop {
                match self.listen().await {
                    Heard::Said(mut said) if said.get(word).is_some() => return said[word].take(),
                    Heard::Said(_) => {}
                    Heard::Closed(code) => panic!("closed with {code:?} instead of {word}"),
                }
            }
        };
        timeout(SOON, finding).await.unwrap_or_else(|_| panic!("no {word} within the bound"))
    }

    /// How it is closed, whatever is said before.
    pub async fn closed(&mut self) -> Option<u16> {
        let closing = async {
            loop {
                if let Heard::Closed(code) = self.listen().await {
                    return code;
                }
            }
        };
        timeout(SOON, closing).await.expect("closed within the bound")
    }
}

/// A console that believes no gap.
pub struct Console {
    pub socket: Socket,
    /// The last event of each district.
    pub seen: BTreeMap<String, u64>,
}

impl Console {
    /// With a token in the hello; `districts` maps to the last seq seen, or null.
    pub async fn open(service: &Service, secret: &str, districts: Value) -> Self {
        Self::on(Socket::open(service, "/api/v1/live", &[]).await.unwrap(), secret, districts).await
    }

    pub async fn on(mut socket: Socket, secret: &str, districts: Value) -> Self {
        socket.say(&json!({"hello": {"districts": districts, "token": secret}})).await;
        let numbers = districts.as_object().unwrap().iter();
        let seen = numbers.filter_map(|(code, seq)| Some((code.clone(), seq.as_u64()?))).collect();
        Self { socket, seen }
    }

    /// The next message; frames must follow what was seen without a gap.
    pub async fn next(&mut self) -> Value {
        let said = match self.socket.hear().await {
            Heard::Said(said) => said,
            Heard::Closed(code) => panic!("the feed was closed with {code:?}"),
        };
        let district = said["district"].as_str().unwrap_or_default().to_owned();
        if let Some(snapshot) = said.get("snapshot") {
            self.seen.insert(district, snapshot["seq"].as_u64().unwrap());
        } else if let Some(frame) = said.get("frame") {
            self.follow(&district, frame);
        }
        said
    }

    fn follow(&mut self, district: &str, frame: &Value) {
        let seen = self.seen.get_mut(district).expect("a frame of a district that was asked for, after its beginning");
        let seqs: Vec<u64> = events(frame).map(|event| event["seq"].as_u64().unwrap()).collect();
        assert_eq!((frame["from"].as_u64(), frame["to"].as_u64()), (seqs.first().copied(), seqs.last().copied()));
        for seq in seqs {
            assert_eq!(seq, *seen + 1, "a gap in the feed of {district}");
            *seen = seq;
        }
    }

    /// The next message with this word in it.
    pub async fn find(&mut self, word: &str) -> Value {
        loop {
            let mut said = self.next().await;
            if said.get(word).is_some() {
                return said[word].take();
            }
        }
    }

    /// All events until the feed of `district` has come as far as `seq`.
    pub async fn events_to(&mut self, district: &str, seq: u64) -> Vec<Value> {
        let mut found = Vec::new();
        while self.seen.get(district).is_none_or(|seen| *seen < seq) {
            let said = self.next().await;
            if said["district"] == district {
                found.extend(said.get("frame").into_iter().flat_map(events).cloned());
            }
        }
        found
    }

    /// The next event of this type.
    pub async fn event(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.find("frame").await;
            if let Some(event) = events(&frame).find(|event| event["type"] == kind) {
                return event.clone();
            }
        }
    }
}

pub fn events(frame: &Value) -> impl Iterator<Item = &Value> {
    frame["events"].as_array().unwrap().iter()
}
