//! The watch protocol from bytes to signals and replies: scripts of our own making, recorded frames where they are
//! at hand, and any bytes at all.

use std::path::PathBuf;

use proptest::prelude::*;
use serde_json::Value;
use tidewatch::domain::SignalKind;
use tidewatch::sources::watch::{
    Body, Ended, FRAME_MAX_BYTES, Frame, Framed, Framer, WatchMessage, build, decode, kinds, reply_to,
};

/// Each case of the file is what is sent (a line a packet) and the transcript expected of it.
#[test]
fn scripts_and_their_transcripts() {
    let text = include_str!("vectors/watch.txt");
    let cases: Vec<Case> = text.split("\n== ").skip(1).map(Case::read).collect();
    assert!(cases.len() >= 30, "only {} cases were read", cases.len());
    for case in cases {
        assert_eq!(transcript(&case.packets), case.expected, "case `{}`", case.name);
        assert_eq!(transcript(&bytewise(&case.packets)), case.expected, "case `{}` byte by byte", case.name);
    }
}

#[test]
fn a_whole_alarm_is_out_with_its_last_byte() {
    for length in ["0002", "0001", "FFFF", "ffff", "XXXX", ""] {
        let mut framer = Framer::default();
        framer.push(format!("[3G*8800000015*{length}*AL").as_bytes());
        assert_eq!(framer.next(), None);
        framer.push(b"]");
        let Some(Framed::Frame(frame)) = framer.next() else { panic!("length {length:?} held an alarm back") };
        assert_eq!(decode(&frame), WatchMessage::Alarm(Body::EMPTY), "length {length:?}");
    }
}

#[test]
fn what_never_ends_is_bounded_and_what_follows_is_taken() {
    for start in ["[3G*8800000015*FFFF*TK,", "[3G*8800000015*FFFF*LK,", "[3G*8800000015*FFFF*AL,", "noise", "[[[["] {
        let mut framer = Framer::default();
        framer.push(start.as_bytes());
        for _ in 0..200 {
            framer.push(&[b'x'; 1024]);
            assert!(framer.held_bytes() <= FRAME_MAX_BYTES, "{start}");
        }
        framer.push(b"[3G*8800000016*0002*AL]");
        let frames: Vec<Framed> = framer.collect();
        assert!(frames.len() <= 10, "{start} gave {} frames", frames.len());
        assert!(matches!(frames.last(), Some(Framed::Frame(frame)) if frame.id == "8800000016"), "{start}");
        assert!(matches!(frames[0], Framed::Frame(_)) == start.contains("AL"), "{start}");
    }
}

#[test]
fn the_longest_frame_is_taken_and_one_byte_more_is_not() {
    let frame_of = |bytes: usize| build("3G", "8800000015", None, &vec![b'x'; bytes - "[3G*8800000015*0000*]".len()]);
    let ended = |bytes: usize| {
        let mut framer = Framer::default();
        framer.push(&frame_of(bytes));
        framer.next().map(|framed| matches!(framed, Framed::Frame(frame) if frame.ended == Ended::AtLength))
    };
    assert_eq!(ended(FRAME_MAX_BYTES), Some(true));
    assert_eq!(ended(FRAME_MAX_BYTES + 1), Some(false));
}

#[test]
fn what_a_log_would_show_holds_nothing_private() {
    let mut framer = Framer::default();
    framer.push(b"[3G*8800000015*0002*AL,211126,033851,A,30.5,N,120.5,E,0,0,0,9,60,41,0,0,00010000]");
    let Some(Framed::Frame(frame)) = framer.next() else { panic!("no frame") };
    let shown = format!("{frame:?} {:?}", decode(&frame));
    assert!(shown.contains("00010000"), "{shown}");
    for private in ["8800000015", "30.5", "305000000", "120.5", "1205000000"] {
        assert!(!shown.contains(private), "{shown}");
    }
}

/// Every recorded frame, those with a wrong length field too: each is survived, and says what `derived` says.
#[test]
fn recorded_frames() {
    let folder = std::env::var_os("SHARED_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let path = folder.join("vectors/watch.jsonl");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("NOT RUN: recorded frames need {}, or SHARED_DIR", path.display());
        return;
    };
    let vectors: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(!vectors.is_empty(), "{} is empty", path.display());
    for vector in &vectors {
        check_recorded(vector);
    }
    let joined: Vec<u8> = vectors.iter().flat_map(recorded_bytes).collect();
    assert_eq!(frames(&[&joined]).len(), vectors.len(), "joined frames were lost or made up");
    eprintln!("ran on {} recorded frames", vectors.len());
}

proptest! {
    /// Any cut of any bytes gives the same frames, and accounts for every byte.
    #[test]
    fn splits_change_nothing(pieces in prop::collection::vec(piece(), 0..12), cuts in prop::collection::vec(1usize..40, 1..20)) {
        let stream: Vec<u8> = pieces.concat();
        let whole = frames(&[&stream]);
        let mut rest = stream.as_slice();
        let mut packets: Vec<&[u8]> = Vec::new();
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (packet, after) = rest.split_at((*cut).min(rest.len()));
            packets.push(packet);
            rest = after;
        }
        prop_assert_eq!(&frames(&packets), &whole);
        let accounted: usize = whole.iter().map(|framed| match framed {
            Framed::Frame(frame) => frame.raw.len(),
            Framed::Damaged { bytes, .. } => *bytes,
        }).sum();
        prop_assert!(accounted <= stream.len(), "{accounted} bytes of {}", stream.len());
        for framed in whole {
            if let Framed::Frame(frame) = framed {
                let _ = reply_to(&frame, &decode(&frame));
            }
        }
    }

    /// Whatever stood before it: a whole alarm with an honest length is always found, and at once.
    #[test]
    fn no_bytes_before_it_swallow_an_alarm(before in prop::collection::vec(piece(), 0..8)) {
        let mut framer = Framer::default();
        framer.push(&before.concat());
        framer.by_ref().for_each(drop);
        framer.push(&build("3G", "9999999999", Some("0007"), AL_SOS));
        let found = framer.filter(|framed| matches!(framed, Framed::Frame(frame) if is_sos(frame))).count();
        prop_assert_eq!(found, 1);
    }

    #[test]
    fn any_status_gives_each_kind_once_life_first(status: u32, previous: Option<u32>, is_alarm_frame: bool) {
        let kinds = kinds(Some(status), previous, is_alarm_frame);
        prop_assert!(kinds.windows(2).all(|pair| pair[0] < pair[1]), "{kinds:?}");
        prop_assert!(!is_alarm_frame || !kinds.is_empty());
        prop_assert_eq!(kinds.contains(&SignalKind::Sos), status & !previous.filter(|_| !is_alarm_frame).unwrap_or(0) & 0x1_0000 != 0);
    }
}

const AL_SOS: &[u8] = b"AL,211126,033851,V,0.0,N,0.0,E,0,0,0,9,60,41,0,0,00010001";

fn is_sos(frame: &Frame) -> bool {
    let sos = matches!(decode(frame), WatchMessage::Alarm(body) if body.status == Some(0x1_0001));
    sos && frame.id == "9999999999" && frame.index.as_deref() == Some("0007") && frame.ended == Ended::AtLength
}

/// Whole frames, halves of frames, frames that lie about their length, and rubbish.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let content = prop_oneof![
        Just(AL_SOS.to_vec()),
        Just(b"LK".to_vec()),
        Just(b"TK,a]b[c*,".to_vec()),
        prop::collection::vec(any::<u8>(), 0..30),
        "(UD|AL|TK,|img,|JXTK,)[A-Z0-9,\\[\\]*.]{0,40}".prop_map(String::into_bytes),
    ];
    let whole = (content, any::<bool>())
        .prop_map(|(content, indexed)| build("3G", "8800000015", indexed.then_some("0035"), &content));
    let lying = (whole.clone(), "[0-9A-Fa-fx]{0,5}").prop_map(|(mut frame, length)| {
        frame.splice(15..19, length.bytes());
        frame
    });
    let half = (whole.clone(), any::<prop::sample::Index>()).prop_map(|(mut frame, at)| {
        frame.truncate(at.index(frame.len()));
        frame
    });
    prop_oneof![
        whole,
        lying,
        half,
        prop::collection::vec(any::<u8>(), 0..20),
        "[\\[\\]*3G0-9A-F,\r\n]{0,30}".prop_map(String::into_bytes)
    ]
}

struct Case {
    name: String,
    packets: Vec<Vec<u8>>,
    expected: String,
}

impl Case {
    fn read(text: &str) -> Self {
        let mut lines = text.lines();
        let name = lines.next().expect("a case has a name").to_owned();
        let lines: Vec<&str> = lines.collect();
        let marked = |mark: &'static str| lines.iter().filter_map(move |line| line.strip_prefix(mark));
        let packets = marked("> ").map(unescape).collect();
        Self { name, packets, expected: marked("< ").collect::<Vec<_>>().join("\n") }
    }
}

/// `\r`, `\n` and `\xHH` in a script are bytes.
fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        bytes.extend_from_slice(before.as_bytes());
        let (byte, used) = match after.as_bytes()[0] {
            b'r' => (b'\r', 1),
            b'n' => (b'\n', 1),
            b'x' => (u8::from_str_radix(&after[1..3], 16).unwrap(), 3),
            other => panic!("no such escape: {}", char::from(other)),
        };
        bytes.push(byte);
        rest = &after[used..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}

fn bytewise(packets: &[Vec<u8>]) -> Vec<Vec<u8>> {
    packets.concat().into_iter().map(|byte| vec![byte]).collect()
}

fn frames(packets: &[impl AsRef<[u8]>]) -> Vec<Framed> {
    let mut framer = Framer::default();
    let mut frames = Vec::new();
    for packet in packets {
        framer.push(packet.as_ref());
        frames.extend(framer.by_ref());
    }
    framer.finish();
    frames.extend(framer);
    frames
}

/// One line a frame, as a device's connection would see it.
fn transcript(packets: &[Vec<u8>]) -> String {
    let mut previous = None;
    let mut lines = Vec::new();
    for framed in frames(packets) {
        lines.push(match framed {
            Framed::Frame(frame) => line(&frame, &mut previous),
            Framed::Damaged { bytes, why } => format!("damaged {bytes} {why:?}"),
        });
    }
    lines.join("\n")
}

fn line(frame: &Frame, previous: &mut Option<u32>) -> String {
    let message = decode(frame);
    let mut words = match &message {
        WatchMessage::KeepAlive { steps, rolls, battery_pct } => {
            format!("keep-alive steps={} rolls={} battery={}", shown(steps), shown(rolls), shown(battery_pct))
        }
        WatchMessage::Init => "init".to_owned(),
        WatchMessage::Tkq(word) => format!("tkq {word}"),
        WatchMessage::Jxtk => "jxtk".to_owned(),
        WatchMessage::Alarm(body) => format!("alarm [{}] {}", said(body, previous, true), body_words(body)),
        WatchMessage::Position { stored, body } => {
            let stored = if *stored { "stored " } else { "" };
            format!("{stored}position [{}] {}", said(body, previous, false), body_words(body))
        }
        WatchMessage::Other { word } => format!("other {word}"),
        WatchMessage::Unreadable => "unreadable".to_owned(),
    };
    if frame.ended != Ended::AtLength {
        words += &format!(" {:?}", frame.ended);
    }
    let reply = reply_to(frame, &message).map(|reply| String::from_utf8(reply).unwrap());
    reply.map_or(words.clone(), |reply| format!("{words} -> {reply}"))
}

fn said(body: &Body, previous: &mut Option<u32>, is_alarm_frame: bool) -> String {
    let kinds = kinds(body.status, *previous, is_alarm_frame);
    *previous = body.status.or(*previous);
    kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(" ")
}

fn body_words(body: &Body) -> String {
    let at = if body.time_refused { "refused".to_owned() } else { shown(&body.at) };
    let place = match body.point {
        Some(point) => format!("{},{}", point.lat(), point.lon()),
        None => format!("{:?}", body.place).to_lowercase(),
    };
    let valid = if body.valid { "valid" } else { "invalid" };
    format!("at={at} {valid} place={place} within={} battery={}", shown(&body.accuracy_m), shown(&body.battery_pct))
}

fn shown<T: ToString>(value: &Option<T>) -> String {
    value.as_ref().map_or_else(|| "-".to_owned(), T::to_string)
}

fn recorded_bytes(vector: &Value) -> Vec<u8> {
    let hex = vector["frame_hex"].as_str().unwrap();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn check_recorded(vector: &Value) {
    let id = vector["id"].as_str().unwrap();
    let bytes = recorded_bytes(vector);
    let found = frames(&[&bytes]);
    let [Framed::Frame(frame)] = found.as_slice() else { panic!("{id}: {found:?}, expected one frame") };
    let derived = &vector["derived"];
    let ended = if vector["integrity"]["length_ok"] == true { Ended::AtLength } else { Ended::AtBracket };
    // The one recorded content with brackets of its own is voice, which waits for its length.
    assert_eq!((frame.raw.as_ref(), frame.ended), (bytes.as_slice(), ended), "{id}");
    assert_eq!(frame.maker, derived["manufacturer"], "{id}");
    assert_eq!(frame.id, derived["device_id"], "{id}");
    assert_eq!(serde_json::json!(frame.index), derived["index"], "{id}");
    let message = decode(frame);
    if let Some(ack) = derived["ack"].as_str() {
        assert_eq!(reply_to(frame, &message).as_deref(), Some(ack.as_bytes()), "{id}");
    }
    check_recorded_message(id, &message, derived);
}

fn check_recorded_message(id: &str, message: &WatchMessage, derived: &Value) {
    let word = derived["type"].as_str().unwrap();
    match message {
        WatchMessage::KeepAlive { steps, rolls, battery_pct } => {
            let found = serde_json::json!([steps, rolls, battery_pct]);
            assert_eq!(
                found,
                serde_json::json!([derived["steps"], derived["rolls"], derived["battery_level"]]),
                "{id}"
            );
        }
        WatchMessage::Alarm(body) => {
            assert_eq!(derived["is_alarm_message"], true, "{id}");
            check_recorded_body(id, body, derived);
        }
        WatchMessage::Position { stored, body } => {
            assert_eq!((derived["is_alarm_message"].as_bool(), *stored), (Some(false), word == "UD2"), "{id}");
            check_recorded_body(id, body, derived);
        }
        WatchMessage::Tkq(found) => assert_eq!(found, word, "{id}"),
        WatchMessage::Other { word: found } => assert_eq!(found, word, "{id}"),
        WatchMessage::Init | WatchMessage::Jxtk | WatchMessage::Unreadable => panic!("{id}: {message:?} for {word}"),
    }
}

fn check_recorded_body(id: &str, body: &Body, derived: &Value) {
    let at = body.at.expect("every recorded body has a time").to_string().replace(".000Z", "Z");
    assert_eq!(at, derived["time"], "{id}");
    let (lat, lon) = (derived["lat"].as_f64().unwrap(), derived["lon"].as_f64().unwrap());
    match body.point {
        Some(point) => assert!((point.lat() - lat).abs() < 1e-6 && (point.lon() - lon).abs() < 1e-6, "{id}: {point:?}"),
        None => assert_eq!((lat, lon), (0.0, 0.0), "{id}"),
    }
    assert_eq!(body.valid, derived["valid"].as_bool().unwrap() && body.point.is_some(), "{id}");
    assert_eq!(body.battery_pct.map(u64::from), derived["battery_level"].as_u64(), "{id}");
    let bits: Vec<u32> = (0..32).filter(|bit| body.status.unwrap() >> bit & 1 == 1).collect();
    assert_eq!(serde_json::json!(bits), derived["status_bits"], "{id}");
}
