//! A GPS watch: one connection, one frame, and the answer it waits for. An alarm is said again, byte for byte, until
//! the service has answered it; that is what makes it safe to answer only after the commit.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::domain::{Point, SignalKind, Timestamp};
use crate::sources::watch::{Framed, Framer, build};

/// What the watches of this maker call themselves.
const MAKER: &str = "3G";

/// The firmware takes a connection that says nothing for this long as lost, in milliseconds.
const ANSWER_MS: u64 = 20_000;

/// How long a watch waits before it says an alarm again, in milliseconds, and how often it does.
const AGAIN_MS: u64 = 2_000;
const TRIES: u32 = 10;

/// The longest answer is a few words.
const ANSWER_BYTES: usize = 256;

/// The bits of the status by which a watch says `kind`; `None`: it has none for that.
pub fn bits(kind: SignalKind) -> Option<u32> {
    let bit = match kind {
        SignalKind::LowBattery => 0,
        SignalKind::MainsFail => 14,
        SignalKind::Sos => 16,
        SignalKind::Wandering => 18,
        SignalKind::Tamper => 20,
        SignalKind::Fall => 21,
        SignalKind::Vital => 22,
        _ => return None,
    };
    Some(1 << bit)
}

/// What an alarm says.
#[derive(Debug, Clone)]
pub struct Press {
    pub identity: String,
    pub at: Timestamp,
    pub bits: u32,
    pub fix: Option<Point>,
    pub battery_pct: u8,
}

/// Says an alarm until it is answered. `false`: nobody answered.
pub async fn press(watch: SocketAddr, press: &Press) -> bool {
    let frame = frame(press);
    for _ in 0..TRIES {
        if say(watch, &frame, b"AL").await.is_some() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(AGAIN_MS)).await;
    }
    false
}

/// The frame of an alarm, as it goes over the wire.
pub fn frame(press: &Press) -> Vec<u8> {
    build(MAKER, &press.identity, None, press.content().as_bytes())
}

/// A heartbeat, once. `false`: not answered.
pub async fn keep_alive(watch: SocketAddr, identity: &str, battery_pct: u64) -> bool {
    let frame = build(MAKER, identity, None, format!("LK,0,0,{battery_pct}").as_bytes());
    say(watch, &frame, b"LK").await.is_some()
}

async fn say(watch: SocketAddr, frame: &[u8], answer: &[u8]) -> Option<()> {
    timeout(Duration::from_millis(ANSWER_MS), answered(watch, frame, answer)).await.ok()?
}

async fn answered(watch: SocketAddr, frame: &[u8], answer: &[u8]) -> Option<()> {
    let mut stream = TcpStream::connect(watch).await.ok()?;
    stream.write_all(frame).await.ok()?;
    let (mut framer, mut bytes) = (Framer::default(), [0; ANSWER_BYTES]);
    loop {
        let count = stream.read(&mut bytes).await.ok().filter(|count| *count > 0)?;
        framer.push(&bytes[..count]);
        for framed in framer.by_ref() {
            match framed {
                Framed::Frame(frame) if frame.content.starts_with(answer) => return Some(()),
                Framed::Frame(_) | Framed::Damaged { .. } => {}
            }
        }
    }
}

impl Press {
    /// `AL` with its body: time, place or none, battery, status, no cells, no networks.
    pub fn content(&self) -> String {
        let at = self.at.to_string();
        let date = format!("{}{}{}", &at[8..10], &at[5..7], &at[2..4]);
        let clock = format!("{}{}{}", &at[11..13], &at[14..16], &at[17..19]);
        let place = match self.fix {
            Some(fix) => {
                let (ns, ew) = (if fix.lat() < 0.0 { 'S' } else { 'N' }, if fix.lon() < 0.0 { 'W' } else { 'E' });
                format!("A,{:.6},{ns},{:.6},{ew}", fix.lat().abs(), fix.lon().abs())
            }
            None => "V,0.000000,N,0.000000,E".to_owned(),
        };
        let (battery, bits) = (self.battery_pct, self.bits);
        format!("AL,{date},{clock},{place},0.0,0.0,10,7,80,{battery},0,0,{bits:08X},0,0,460,0,0,12")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::watch::{WatchMessage, decode};

    #[test]
    fn an_alarm_reads_back_as_what_was_pressed() {
        let fix = Point::from_degrees(30.5312, 120.6881).unwrap();
        let press = press_of(1 | 1 << 16, Some(fix));
        let frame = frame(&press);
        let mut framer = Framer::default();
        framer.push(&frame);
        let Some(Framed::Frame(frame)) = framer.next() else { panic!("no frame") };
        let WatchMessage::Alarm(body) = decode(&frame) else { panic!("no alarm") };
        assert_eq!((body.at, body.point, body.valid), (Some(press.at), Some(fix), true));
        assert_eq!((body.battery_pct, body.accuracy_m), (Some(9), Some(12)));
        assert_eq!(body.status.map(|status| status & 0x1_0001), Some(0x1_0001));
        assert!(press_of(1 << 21, None).content().contains(",V,0.000000,"));
    }

    /// The decoder understands what the demo says.
    #[test]
    fn every_kind_that_a_watch_can_say_is_read_back() {
        let said = SignalKind::ALL.iter().filter_map(|kind| Some((*kind, bits(*kind)?)));
        let read = said.map(|(kind, bits)| (kind, crate::sources::watch::kinds(Some(bits), None, true)));
        let all: Vec<_> = read.collect();
        assert_eq!(all.len(), 7);
        assert!(all.iter().all(|(kind, read)| read == &[*kind]), "{all:?}");
    }

    fn press_of(bits: u32, fix: Option<Point>) -> Press {
        let at = "2026-11-21T19:38:51.000Z".parse().unwrap();
        Press { identity: "8800001001".to_owned(), at, bits, fix, battery_pct: 9 }
    }
}
