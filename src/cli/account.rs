//! `account`: who may ask. A secret is printed once and is nowhere else.

use clap::{Args, Subcommand};

use super::place::PlaceArguments;
use super::{Failure, now};
use crate::domain::premises::DeviceName;
use crate::domain::{AccountName, DistrictCode, ResponderId, Role};
use crate::registry::{Account, By, Registry};

#[derive(Subcommand)]
pub(crate) enum AccountCommand {
    /// Make an account and print its secret, once
    Add(Add),
    /// Show all accounts, without their secrets
    List(List),
    /// End an account and its sessions
    Revoke(Revoke),
}

#[derive(Args)]
pub(crate) struct Add {
    #[command(flatten)]
    place: PlaceArguments,
    #[arg(long)]
    name: AccountName,
    /// operator, supervisor, ops, responder, gateway or device
    #[arg(long)]
    role: Role,
    /// A district it reaches; without any, it reaches all
    #[arg(long, value_name = "CODE")]
    district: Vec<DistrictCode>,
    /// Whose link it is, for the role responder
    #[arg(long, value_name = "ID")]
    responder: Option<ResponderId>,
    /// Whose signals it brings, for the role device
    #[arg(long, value_name = "PROTOCOL:IDENTITY")]
    device: Option<DeviceName>,
}

#[derive(Args)]
pub(crate) struct List {
    #[command(flatten)]
    place: PlaceArguments,
}

#[derive(Args)]
pub(crate) struct Revoke {
    #[command(flatten)]
    place: PlaceArguments,
    #[arg(long)]
    name: AccountName,
}

impl AccountCommand {
    pub fn run(self) -> Result<(), Failure> {
        match self {
            Self::Add(it) => it.run(),
            Self::List(it) => it.run(),
            Self::Revoke(it) => it.run(),
        }
    }
}

impl Add {
    fn run(self) -> Result<(), Failure> {
        let mut registry = Registry::open(self.place.place()?).map_err(Failure::unusable)?;
        let account = Account {
            name: self.name,
            role: self.role,
            districts: self.district.into_iter().collect(),
            responder: self.responder,
            device: self.device,
        };
        let by = By { actor: "account", at: now() };
        let secret = registry.add_account(&account, &mut rand::rng(), by).map_err(Failure::unusable)?;
        println!("{}", secret.expose());
        Ok(())
    }
}

impl List {
    fn run(self) -> Result<(), Failure> {
        let registry = Registry::open_existing(self.place.place()?).map_err(Failure::unusable)?;
        for it in registry.accounts().map_err(Failure::unusable)?.iter() {
            let districts: Vec<String> = it.districts.iter().map(ToString::to_string).collect();
            let districts = if districts.is_empty() { "all".to_owned() } else { districts.join(",") };
            let of = it.responder.as_ref().map(ToString::to_string).or(it.device.as_ref().map(ToString::to_string));
            println!("{}\t{}\t{districts}\t{}", it.name, it.role, of.unwrap_or_default());
        }
        Ok(())
    }
}

impl Revoke {
    fn run(self) -> Result<(), Failure> {
        let mut registry = Registry::open_existing(self.place.place()?).map_err(Failure::unusable)?;
        registry.revoke_account(&self.name, By { actor: "account", at: now() }).map_err(Failure::unusable)
    }
}
