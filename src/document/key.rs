//! A key of a table: what it is to hold, and how it is written.

#[derive(Debug)]
pub struct Key {
    pub name: &'static str,
    /// What its value must be, after "expected".
    pub expected: &'static str,
    /// A line that would be taken.
    pub example: &'static str,
}

/// The keys of one kind of document: constant, name, what is expected, a line that would be taken.
macro_rules! keys {
    ($($name:ident = $key:literal, $expected:expr, $example:literal;)+) => {
        $(pub(super) const $name: $crate::document::Key =
            $crate::document::Key { name: $key, expected: $expected, example: $example };)+
    };
}

pub(crate) use keys;
