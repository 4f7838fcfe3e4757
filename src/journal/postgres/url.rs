//! Where a PostgreSQL is, as it is given in a flag or a setting, and whether the line to it is secured. Its password is
//! never shown.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use tokio_postgres::Config;

/// `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, as libpq reads it, but for what secures the line:
/// `sslmode=verify-full` alone does, and `sslrootcert=FILE` names who signs, where that is not who the system trusts.
#[derive(Clone, PartialEq, Eq)]
pub struct StoreUrl {
    text: String,
    pub(super) config: Config,
    pub(super) security: Security,
}

/// What a line is secured with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Security {
    /// Nothing: it lies inside one machine or one network, or in a tunnel.
    Plain,
    /// TLS, to a server whose name somebody trusted has signed: these, or those the system trusts.
    Verified { roots: Option<PathBuf> },
}

/// Says nothing of what was found: there may be a password in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadStoreUrl {
    #[error("not the address of a store, expected one such as postgres://tidewatch@db.example:5432/tidewatch")]
    NoAddress,
    #[error("sslmode is expected to be disable or verify-full: any other lets a stranger answer in the store's place")]
    HalfSecured,
    #[error("sslrootcert is of no use without sslmode=verify-full")]
    RootsOfNobody,
}

const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];

/// What stands in a password's place.
const MASK: &str = "…";

impl FromStr for StoreUrl {
    type Err = BadStoreUrl;

    fn from_str(text: &str) -> Result<Self, BadStoreUrl> {
        if !SCHEMES.iter().any(|it| text.starts_with(it)) {
            return Err(BadStoreUrl::NoAddress);
        }
        let (plain, security) = secured(text)?;
        let config: Config = plain.parse().map_err(|_| BadStoreUrl::NoAddress)?;
        if config.get_hosts().is_empty() {
            return Err(BadStoreUrl::NoAddress);
        }
        Ok(Self { text: text.to_owned(), config, security })
    }
}

/// The address without what secures its line, and that.
fn secured(text: &str) -> Result<(String, Security), BadStoreUrl> {
    let (address, parameters) = text.split_once('?').unwrap_or((text, ""));
    let (mut verified, mut roots, mut others) = (false, None, Vec::new());
    for parameter in parameters.split('&').filter(|it| !it.is_empty()) {
        match parameter.split_once('=') {
            Some(("sslmode", "verify-full")) => verified = true,
            Some(("sslmode", "disable")) => verified = false,
            Some(("sslmode", _)) => return Err(BadStoreUrl::HalfSecured),
            Some(("sslrootcert", file)) => roots = Some(PathBuf::from(file)),
            Some(_) | None => others.push(parameter),
        }
    }
    let security = match (verified, roots) {
        (true, roots) => Security::Verified { roots },
        (false, None) => Security::Plain,
        (false, Some(_)) => return Err(BadStoreUrl::RootsOfNobody),
    };
    let plain = if others.is_empty() { address.to_owned() } else { format!("{address}?{}", others.join("&")) };
    Ok((plain, security))
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

    #[test]
    fn a_line_is_plain_or_verified_and_nothing_between() {
        let security = |text: &str| text.parse::<StoreUrl>().map(|it| it.security);
        let roots = |file: Option<&str>| Security::Verified { roots: file.map(PathBuf::from) };
        assert_eq!(security("postgres://db/tw"), Ok(Security::Plain));
        assert_eq!(security("postgres://db/tw?sslmode=disable&user=tw"), Ok(Security::Plain));
        assert_eq!(security("postgres://db/tw?user=tw&sslmode=verify-full"), Ok(roots(None)));
        let own = "postgres://db/tw?sslrootcert=/etc/tidewatch/ca.pem&sslmode=verify-full";
        assert_eq!(security(own), Ok(roots(Some("/etc/tidewatch/ca.pem"))));
        for half in ["prefer", "require", "verify-ca", ""] {
            assert_eq!(security(&format!("postgres://db/tw?sslmode={half}")), Err(BadStoreUrl::HalfSecured), "{half}");
        }
        assert_eq!(security("postgres://db/tw?sslrootcert=/ca.pem"), Err(BadStoreUrl::RootsOfNobody));
    }
}
