//! Where a PostgreSQL is, as it is given in a flag or a setting. Its password is never shown.

use std::fmt;
use std::str::FromStr;

use tokio_postgres::Config;

/// `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, as libpq reads it.
#[derive(Clone, PartialEq, Eq)]
pub struct StoreUrl {
    text: String,
    pub(super) config: Config,
}

/// Says nothing of what was found: there may be a password in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the address of a store, expected one such as postgres://tidewatch@db.example:5432/tidewatch")]
pub struct BadStoreUrl;

const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];

/// What stands in a password's place.
const MASK: &str = "…";

impl FromStr for StoreUrl {
    type Err = BadStoreUrl;

    fn from_str(text: &str) -> Result<Self, BadStoreUrl> {
        if !SCHEMES.iter().any(|it| text.starts_with(it)) {
            return Err(BadStoreUrl);
        }
        let config: Config = text.parse().map_err(|_| BadStoreUrl)?;
        if config.get_hosts().is_empty() {
            return Err(BadStoreUrl);
        }
        Ok(Self { text: text.to_owned(), config })
    }
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&masked(&self.text))
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreUrl({self})")
    }
}

/// A password stands before the last `@` of the authority, or among the parameters.
fn masked(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return MASK.to_owned() };
    let (authority, tail) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let authority = match authority.rsplit_once('@') {
        Some((who, host)) => match who.split_once(':') {
            Some((user, _)) => format!("{user}:{MASK}@{host}"),
            None => authority.to_owned(),
        },
        None => authority.to_owned(),
    };
    let tail = match tail.split_once('?') {
        Some((path, parameters)) => {
            format!("{path}?{}", parameters.split('&').map(shown).collect::<Vec<_>>().join("&"))
        }
        None => tail.to_owned(),
    };
    format!("{scheme}://{authority}{tail}")
}

fn shown(parameter: &str) -> String {
    match parameter.split_once('=') {
        Some((name, _)) if name.contains("password") => format!("{name}={MASK}"),
        Some(_) | None => parameter.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown_wherever_it_stands() {
        let shown = |text: &str| text.parse::<StoreUrl>().unwrap().to_string();
        assert_eq!(shown("postgres://tw:s:e@db:5432/tw"), "postgres://tw:…@db:5432/tw");
        assert_eq!(shown("postgresql://db/tw?password=secret&user=tw"), "postgresql://db/tw?password=…&user=tw");
        assert_eq!(shown("postgres://tw@db/tw"), "postgres://tw@db/tw");
        let debug = format!("{:?}", "postgres://tw:geheim@db/tw".parse::<StoreUrl>().unwrap());
        assert!(!debug.contains("geheim"), "{debug}");
    }

    #[test]
    fn what_is_no_address_is_refused_without_being_repeated() {
        for bad in ["", "sqlite:data", "postgres://", "postgres://db:port/tw", "mysql://tw:geheim@db/tw"] {
            let told = bad.parse::<StoreUrl>().unwrap_err().to_string();
            assert!(!told.contains("geheim"), "{told}");
        }
    }
}
