//! Where a Redis is, as it is given in a flag or a setting. Its password is never shown.

use std::fmt;
use std::str::FromStr;

use redis::{ConnectionInfo, IntoConnectionInfo};

/// `redis://USER:PASSWORD@HOST:PORT/NUMBER`.
#[derive(Clone)]
pub struct BusUrl {
    text: String,
    pub(super) info: ConnectionInfo,
}

/// Says nothing of what was found: there may be a password in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the address of a bus, expected one such as redis://bus.example:6379")]
pub struct BadBusUrl;

impl FromStr for BusUrl {
    type Err = BadBusUrl;

    fn from_str(text: &str) -> Result<Self, BadBusUrl> {
        if !text.starts_with("redis://") {
            return Err(BadBusUrl);
        }
        let info = text.into_connection_info().map_err(|_| BadBusUrl)?;
        Ok(Self { text: text.to_owned(), info })
    }
}

impl PartialEq for BusUrl {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for BusUrl {}

impl fmt::Display for BusUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rest = self.text.trim_start_matches("redis://");
        match rest.rsplit_once('@') {
            Some((_, host)) => write!(f, "redis://…@{host}"),
            None => f.write_str(&self.text),
        }
    }
}

impl fmt::Debug for BusUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BusUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_password() {
        let url: BusUrl = "redis://tidewatch:geheim@bus.example:6380/2".parse().unwrap();
        assert_eq!(url.to_string(), "redis://…@bus.example:6380/2");
        assert_eq!(format!("{url:?}"), "BusUrl(redis://…@bus.example:6380/2)");
        assert_eq!("redis://127.0.0.1:6379".parse::<BusUrl>().unwrap().to_string(), "redis://127.0.0.1:6379");
    }

    #[test]
    fn another_address_is_refused_and_not_repeated() {
        for text in ["http://bus.example", "bus.example:6379", "redis://:geheim@", ""] {
            let refused = text.parse::<BusUrl>().unwrap_err().to_string();
            assert!(refused.contains("redis://bus.example:6379") && !refused.contains("geheim"), "{text}: {refused}");
        }
    }
}
