//! The configuration: defaults, file, environment and flags in layers, checked as a whole before anything starts.
//! A setting whose name speaks of a secret is masked when shown.

mod build;
mod check;
mod fault;
mod keys;
mod layers;
mod show;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

pub use fault::{ConfigError, Fault, Place};

use self::build::build;
use self::layers::{FILE_VARIABLE, Layers};
use crate::bus::BusUrl;
use crate::dispatch::Policy;
use crate::domain::{Channel, DistrictCode};
use crate::journal::StoreUrl;
use crate::registry::Place as RegistryPlace;

/// All settings with their defaults, units and reasons.
pub const DEFAULTS: &str = include_str!("../../config.default.toml");

/// The configuration as it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    pub data: PathBuf,
    pub default_district: Option<DistrictCode>,
    pub store: StoreConfig,
    pub bus: BusConfig,
    pub http: Http,
    pub watch: Watch,
    /// A listener for metrics alone, without sign-in.
    pub metrics: Option<SocketAddr>,
    pub push: PushConfig,
    pub gateway: GatewayConfig,
    pub sessions: Sessions,
    pub console: Console,
    pub log: Log,
    pub policy: Policy,
    /// As `config show` prints it.
    pub shown: String,
}

/// Where record and registry are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreConfig {
    /// `None`: in the data folder.
    pub url: Option<StoreUrl>,
    /// An owner that has not renewed its leases for so long may be followed by another.
    pub lease_s: u64,
    /// One server is enough: nobody is told that there is no synchronous standby.
    pub single: bool,
}

/// How several processes share the work; without a bus one process does all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusConfig {
    pub url: Option<BusUrl>,
    pub role: ProcessRole,
}

/// What a process does beside a bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProcessRole {
    /// Runs the engines of districts.
    Owner,
    /// Holds the sockets of devices, consoles and responders.
    Gateway,
    All,
}

impl ProcessRole {
    pub fn owns(self) -> bool {
        matches!(self, Self::Owner | Self::All)
    }

    pub fn is_gateway(self) -> bool {
        matches!(self, Self::Gateway | Self::All)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Gateway => "gateway",
            Self::All => "all",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Http {
    pub listen: SocketAddr,
    pub connections: usize,
    pub origins: Vec<String>,
    pub secure_cookie: bool,
    pub body_bytes: usize,
    pub request_s: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watch {
    pub listen: SocketAddr,
    pub connections: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushConfig {
    /// Whom a push service may write to; `None`: no push.
    pub contact: Option<String>,
    pub services: Vec<String>,
}

/// The hook of a provider of SMS and voice.
#[derive(Clone, PartialEq, Eq)]
pub struct GatewayConfig {
    pub url: Option<reqwest::Url>,
    pub secret: String,
    pub channels: Vec<Channel>,
    pub timeout_s: u64,
    pub tries: u64,
}

impl std::fmt::Debug for GatewayConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GatewayConfig").field("channels", &self.channels).finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sessions {
    pub ttl_s: u64,
    pub free_failures: u64,
    pub longest_wait_s: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Console {
    /// From where a browser may fetch a base map, besides us.
    pub map_origins: Vec<String>,
    /// Minutes by which the clocks of the place are ahead of UTC.
    pub utc_offset_min: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    pub json: bool,
    pub filter: String,
}

/// What the command line says of settings.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    pub data: Option<PathBuf>,
    pub http: Option<String>,
    pub watch: Option<String>,
    pub metrics: Option<String>,
    pub store: Option<String>,
    pub single_store: bool,
    pub bus: Option<String>,
    pub role: Option<String>,
}

impl Config {
    /// From all layers. `file` wins over the variable TIDEWATCH_CONFIG.
    pub fn load(
        file: Option<&Path>,
        variables: impl IntoIterator<Item = (String, String)>,
        flags: &Flags,
    ) -> Result<Self, ConfigError> {
        let variables: Vec<(String, String)> = variables.into_iter().collect();
        let named = variables.iter().find(|(name, _)| name == FILE_VARIABLE).map(|(_, path)| PathBuf::from(path));
        let mut layers = Layers::default();
        layers.file("config.default.toml", DEFAULTS);
        if let Some(path) = file.map(Path::to_owned).or(named) {
            let name = path.display().to_string();
            let text = std::fs::read_to_string(&path);
            layers.file(&name, &text.map_err(|source| ConfigError::File { path: name.clone(), source })?);
        }
        layers.environment(variables);
        lay_flags(&mut layers, flags);
        build(layers)
    }
}

impl Config {
    /// The registry is beside the record.
    pub fn registry(&self) -> RegistryPlace {
        match &self.store.url {
            None => RegistryPlace::from(self.data.as_path()),
            Some(url) => RegistryPlace::from(url),
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::load(None, [], &Flags::default()).expect("the defaults are a configuration, which a test holds")
    }
}

fn lay_flags(layers: &mut Layers, flags: &Flags) {
    if let Some(data) = &flags.data {
        layers.flag("data", "--data", &data.display().to_string());
    }
    if flags.single_store {
        layers.flag("store.single", "--single-store", "true");
    }
    let texts = [
        ("store.url", "--store", &flags.store),
        ("bus.url", "--bus", &flags.bus),
        ("bus.role", "--role", &flags.role),
        ("http.listen", "--http", &flags.http),
        ("watch.listen", "--watch", &flags.watch),
        ("metrics.listen", "--metrics", &flags.metrics),
    ];
    for (path, flag, text) in texts {
        if let Some(text) = text {
            layers.flag(path, flag, text);
        }
    }
}
