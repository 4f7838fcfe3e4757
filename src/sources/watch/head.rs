//! The head of a frame: finds where one begins, and reads maker, id, index and length.
//! Judges nothing about the content.

/// A maker is two characters: 3G, SG, CS, ZJ.
const MAKER_LEN: usize = 2;
/// `[`, maker, `*`.
const ID_AT: usize = 1 + MAKER_LEN + 1;
/// Ids are 10 digits or a 15-digit IMEI; the margin is for makers not seen yet, and keeps a network's name such as
/// `[AP*1*]` from passing for a head.
const ID_DIGITS: std::ops::RangeInclusive<usize> = 4..=20;
/// An index, a length and a type word are shorter than this; behind it a `*` belongs to the content.
const HEAD_REST_MAX: usize = 40;

/// Looks for the mark `[MM*ID*` with which every frame begins, one byte at a time.
#[derive(Debug, Default)]
pub struct MarkSeeker {
    seen: usize,
}

impl MarkSeeker {
    /// The length of the mark, when `byte` completes one.
    pub fn feed(&mut self, byte: u8) -> Option<usize> {
        if byte == b'*' && self.seen >= ID_AT && ID_DIGITS.contains(&(self.seen - ID_AT)) {
            let len = self.seen + 1;
            self.seen = 0;
            return Some(len);
        }
        self.seen = if self.continues_with(byte) { self.seen + 1 } else { usize::from(byte == b'[') };
        None
    }

    /// How many of the last bytes may still become a mark.
    pub fn viable_len(&self) -> usize {
        self.seen
    }

    fn continues_with(&self, byte: u8) -> bool {
        match self.seen {
            0 => false,
            1..=MAKER_LEN => byte.is_ascii_alphanumeric(),
            at if at == ID_AT - 1 => byte == b'*',
            at => byte.is_ascii_digit() && at - ID_AT < *ID_DIGITS.end(),
        }
    }
}

/// What stands before the content, and where the content begins.
#[derive(Debug, PartialEq, Eq)]
pub struct Head {
    pub maker: String,
    pub id: String,
    pub index: Option<String>,
    /// Bytes of content that the device says; `None` where the field cannot be read.
    pub declared: Option<usize>,
    pub content_at: usize,
}

impl Head {
    /// Reads the head of a frame whose first `mark_len` bytes are a mark. `frame` may still lack its end.
    pub fn read(frame: &[u8], mark_len: usize) -> Self {
        let rest = &frame[mark_len..];
        let head = &rest[..rest.len().min(HEAD_REST_MAX)];
        let head = &head[..head.iter().position(|b| matches!(b, b',' | b']')).unwrap_or(head.len())];
        // A length field of the wrong shape must not hide the word behind it: the word follows the last star.
        let word_at = head.iter().rposition(|b| *b == b'*').map_or(0, |star| star + 1);
        let fields: Vec<&[u8]> = head[..word_at.saturating_sub(1)].split(|b| *b == b'*').collect();
        Self {
            maker: text(&frame[1..=MAKER_LEN]),
            id: text(&frame[ID_AT..mark_len - 1]),
            index: (fields.len() > 1 && is_index(fields[0])).then(|| text(fields[0])),
            declared: fields.last().and_then(|field| length(field)),
            content_at: mark_len + word_at,
        }
    }
}

fn is_index(field: &[u8]) -> bool {
    (1..=8).contains(&field.len()) && field.iter().all(u8::is_ascii_alphanumeric)
}

fn length(field: &[u8]) -> Option<usize> {
    if field.is_empty() || field.len() > 6 || !field.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    usize::from_str_radix(str::from_utf8(field).ok()?, 16).ok()
}

fn text(ascii: &[u8]) -> String {
    ascii.iter().map(|b| char::from(*b)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark_in(bytes: &[u8]) -> Option<(usize, usize)> {
        let mut seeker = MarkSeeker::default();
        bytes.iter().enumerate().find_map(|(at, byte)| seeker.feed(*byte).map(|len| (at + 1 - len, len)))
    }

    #[test]
    fn a_mark_is_found_wherever_it_begins() {
        assert_eq!(mark_in(b"[3G*8800000015*0002*LK]"), Some((0, 15)));
        assert_eq!(mark_in(b"noise[[3[3G*8800000015*"), Some((8, 15)));
        assert_eq!(mark_in(b"[ZJ*014111001350304*0035*"), Some((0, 20)));
        for not_one in ["[3G*88x0000015*", "[3G8800000015*", "[AP*1*]", "[3G*123456789012345678901*", "3G*8800000015*"]
        {
            assert_eq!(mark_in(not_one.as_bytes()), None, "{not_one}");
        }
    }

    fn read(frame: &str) -> (Option<String>, Option<usize>, String) {
        let head = Head::read(frame.as_bytes(), 15);
        assert_eq!((head.maker.as_str(), head.id.as_str()), ("3G", "8800000015"));
        (head.index, head.declared, frame[head.content_at..].to_owned())
    }

    #[test]
    fn index_and_length_are_read_and_a_bad_length_hides_no_word() {
        let index = || Some("0035".to_owned());
        assert_eq!(read("[3G*8800000015*0002*LK]"), (None, Some(2), "LK]".into()));
        assert_eq!(read("[3G*8800000015*006b*UD2,a*b"), (None, Some(107), "UD2,a*b".into()));
        assert_eq!(read("[3G*8800000015*0035*0002*AL]"), (index(), Some(2), "AL]".into()));
        assert_eq!(read("[3G*8800000015*0035**AL]"), (index(), None, "AL]".into()));
        assert_eq!(read("[3G*8800000015*XXXX*AL,1]"), (None, None, "AL,1]".into()));
        assert_eq!(read("[3G*8800000015*AL,1]"), (None, None, "AL,1]".into()));
        assert_eq!(read("[3G*8800000015*]"), (None, None, "]".into()));
    }
}
