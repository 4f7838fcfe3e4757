//! The frames that we send: what a watch waits for, with the maker, id and index of its own frame.
//! Sends nothing; for an alarm the caller waits for the commit first.

use super::decode::WatchMessage;
use super::frame::Frame;

/// `[MM*ID*LLLL*CONTENT]`, or `[MM*ID*IIII*LLLL*CONTENT]` with an index. Also what a watch of our own making says.
///
/// # Panics
/// Where `content` is longer than the four hex digits of a length can say: our own frames are a few bytes.
pub fn build(maker: &str, id: &str, index: Option<&str>, content: &[u8]) -> Vec<u8> {
    assert!(content.len() <= 0xffff, "{} bytes of content, expected at most 65535", content.len());
    let index = index.map_or_else(String::new, |index| format!("{index}*"));
    let mut bytes = format!("[{maker}*{id}*{index}{:04X}*", content.len()).into_bytes();
    bytes.extend_from_slice(content);
    bytes.push(b']');
    bytes
}

/// The answer to `message`, which came in `frame`; `None` where the watch waits for none.
/// Every form of AL is answered `AL`: that is the word the firmware looks for.
pub fn reply_to(frame: &Frame, message: &WatchMessage) -> Option<Vec<u8>> {
    let content = match message {
        WatchMessage::KeepAlive { .. } => "LK",
        WatchMessage::Init => "INIT,1",
        WatchMessage::Tkq(word) => word,
        WatchMessage::Jxtk => "JXTKR,1",
        WatchMessage::Alarm(_) => "AL",
        WatchMessage::Position { .. } | WatchMessage::Other { .. } | WatchMessage::Unreadable => return None,
    };
    Some(build(&frame.maker, &frame.id, frame.index.as_deref(), content.as_bytes()))
}
