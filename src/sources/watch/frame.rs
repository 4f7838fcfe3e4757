//! Frames out of a stream of bytes: whole, split anywhere, joined, damaged, with rubbish between them.
//! Takes one byte after another and never looks ahead, so the same bytes give the same frames however they arrive;
//! waits for nothing that a whole alarm does not need; keeps at most one frame. Never fails.

use std::collections::VecDeque;
use std::fmt;
use std::ops::Range;

use bytes::Bytes;

use super::head::{Head, MarkSeeker};

/// The longest frame, brackets included: a voice message of a minute; what is longer is not a frame.
pub const FRAME_MAX_BYTES: usize = 64 * 1024;

/// What the stream held next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Framed {
    Frame(Frame),
    /// Bytes that nobody can read: counted, and nothing else.
    Damaged {
        bytes: usize,
        why: Damage,
    },
}

/// Why bytes were given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Damage {
    /// No frame begins there.
    Noise,
    /// Another frame, or the end of the connection, came before its end.
    Cut,
    /// Longer than `FRAME_MAX_BYTES`.
    TooLong,
}

/// How the end of a frame was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// A `]` stands exactly where the length field says.
    AtLength,
    /// At a `]` elsewhere: the length field is wrong, or the content has a `]` of its own.
    AtBracket,
    /// Before any `]`, with a content that may ask for help: its last field may be half.
    Cut,
}

/// One frame of a watch. `raw` is all of it, brackets included; `content` is a part of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    pub maker: String,
    pub id: String,
    pub index: Option<String>,
    pub content: Bytes,
    pub raw: Bytes,
    pub ended: Ended,
}

/// Without id and content: they are private, and this is what a log would show.
impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Frame {{ maker: {:?}, bytes: {}, ended: {:?} }}", self.maker, self.raw.len(), self.ended)
    }
}

/// The incremental framer of one connection.
#[derive(Debug, Default)]
pub struct Framer {
    /// Inside a frame: the frame so far. Outside: what may still become a mark.
    held: Vec<u8>,
    seeker: MarkSeeker,
    /// Length of the mark that `held` begins with; `None` outside a frame.
    mark_len: Option<usize>,
    noise: usize,
    /// Bytes until the `]` that would prove that what follows a frame still belonged to it.
    tail_left: usize,
    ready: VecDeque<Framed>,
}

/// The next frame or damage that is complete.
impl Iterator for Framer {
    type Item = Framed;

    fn next(&mut self) -> Option<Framed> {
        self.ready.pop_front()
    }
}

impl Framer {
    pub fn push(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.held.push(*byte);
            match (self.seeker.feed(*byte), self.mark_len) {
                (Some(mark_len), _) => self.begin(mark_len),
                (None, Some(mark_len)) => self.step_inside(*byte, mark_len),
                (None, None) => self.step_outside(*byte),
            }
        }
    }

    /// The connection is gone: gives up what was never finished, but for an alarm that has begun to be told.
    pub fn finish(&mut self) {
        let rest = std::mem::take(&mut self.held);
        match self.mark_len.take() {
            Some(mark_len) => self.cut(rest, mark_len, Damage::Cut),
            None => self.noise += rest.len(),
        }
        self.report_noise();
        self.seeker = MarkSeeker::default();
        self.tail_left = 0;
    }

    /// Bytes kept of what is not complete; never more than `FRAME_MAX_BYTES`.
    pub fn held_bytes(&self) -> usize {
        self.held.len()
    }

    /// A mark always begins a frame, even where another frame's length field claims its bytes: a truncated frame
    /// must not swallow the next one, which may be an alarm, nor hold it up.
    fn begin(&mut self, mark_len: usize) {
        let frame = self.held.split_off(self.held.len() - mark_len);
        let before = std::mem::replace(&mut self.held, frame);
        match self.mark_len.replace(mark_len) {
            Some(cut_mark_len) => self.cut(before, cut_mark_len, Damage::Cut),
            None => self.noise += before.len(),
        }
        self.report_noise();
        self.tail_left = 0;
    }

    fn step_outside(&mut self, byte: u8) {
        let hopeless = self.held.len() - self.seeker.viable_len();
        self.held.drain(..hopeless);
        // Line ends between frames are some makers' habit, not damage.
        let habit = hopeless == 1 && self.noise == 0 && matches!(byte, b'\r' | b'\n');
        self.noise += if habit { 0 } else { hopeless };
        if self.tail_left > 0 {
            self.step_tail(byte);
        } else if byte == b']' || self.noise >= FRAME_MAX_BYTES {
            self.report_noise();
        }
    }

    /// After a frame that ended at a `]` of its own: forgiven when the length field proves right after all.
    fn step_tail(&mut self, byte: u8) {
        self.tail_left -= 1;
        if self.tail_left == 0 && byte == b']' {
            self.noise = 0;
        }
    }

    fn step_inside(&mut self, byte: u8, mark_len: usize) {
        if byte == b']' {
            self.consider_end(mark_len);
        }
        if self.held.len() >= FRAME_MAX_BYTES {
            let viable = self.held.split_off(self.held.len() - self.seeker.viable_len());
            let long = std::mem::replace(&mut self.held, viable);
            self.mark_len = None;
            self.cut(long, mark_len, Damage::TooLong);
        }
    }

    /// A `]` short of the declared length ends what is text at once: the field may be wrong, and the bytes it
    /// promises may never come, while everything that says who needs help stands before the names of networks, the
    /// only text that can hold a bracket. Only binary content, which asks for nobody, waits for its length.
    fn consider_end(&mut self, mark_len: usize) {
        let head = Head::read(&self.held, mark_len);
        let content = head.content_at..self.held.len() - 1;
        let missing = head.declared.map_or(0, |declared| declared.saturating_sub(content.len()));
        if missing > 0 && is_binary(&self.held[content.clone()]) {
            return;
        }
        let ended = if head.declared == Some(content.len()) { Ended::AtLength } else { Ended::AtBracket };
        let raw = std::mem::take(&mut self.held);
        self.ready.push_back(Framed::Frame(frame(head, raw, content, ended)));
        self.mark_len = None;
        // A promise beyond the longest frame is never kept.
        self.tail_left = if missing < FRAME_MAX_BYTES { missing } else { 0 };
    }

    /// Ends a frame that found no proper end. Binary content that waited in vain ends at its last `]`.
    fn cut(&mut self, mut raw: Vec<u8>, mark_len: usize, why: Damage) {
        let head = Head::read(&raw, mark_len);
        let bracket = raw[head.content_at..].iter().rposition(|b| *b == b']').map(|at| head.content_at + at);
        if let Some(bracket) = bracket {
            self.noise += raw.len() - bracket - 1;
            raw.truncate(bracket + 1);
            self.ready.push_back(Framed::Frame(frame(head, raw, mark_len..bracket, Ended::AtBracket)));
        } else if may_ask_for_help(&raw[head.content_at..]) {
            let content = head.content_at..raw.len();
            self.ready.push_back(Framed::Frame(frame(head, raw, content, Ended::Cut)));
        } else {
            self.ready.push_back(Framed::Damaged { bytes: raw.len(), why });
        }
    }

    fn report_noise(&mut self) {
        if self.noise > 0 {
            self.ready.push_back(Framed::Damaged { bytes: self.noise, why: Damage::Noise });
            self.noise = 0;
        }
    }
}

fn frame(head: Head, raw: Vec<u8>, content: Range<usize>, ended: Ended) -> Frame {
    let raw = Bytes::from(raw);
    let content = raw.slice(head.content_at.max(content.start)..content.end);
    Frame { maker: head.maker, id: head.id, index: head.index, content, raw, ended }
}

/// Voice and pictures.
fn is_binary(content: &[u8]) -> bool {
    [b"TK,".as_slice(), b"img,", b"JXTK,"].iter().any(|word| content.starts_with(word))
}

/// Alarms, and positions, whose status can hold an alarm.
fn may_ask_for_help(content: &[u8]) -> bool {
    content.get(..2).is_some_and(|word| [b"AL", b"UD", b"WT"].iter().any(|start| word.eq_ignore_ascii_case(*start)))
}
