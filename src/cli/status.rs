//! `status`: who runs beside a store, who owns which district, and how far its record is. Changes nothing.

use comfy_table::Table;
use comfy_table::presets::NOTHING;
use serde_json::json;

use super::Failure;
use crate::journal::{ProcessRow, Roster, Tenure};

/// A process that has said nothing for so long is gone.
const GONE_MS: u64 = 5_000;

#[derive(clap::Args)]
pub(crate) struct Status {
    /// The PostgreSQL that keeps the record
    #[arg(long, value_name = "postgres://…")]
    store: String,
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl Status {
    pub fn run(self) -> Result<(), Failure> {
        let mut roster = Roster::open_to_read(&super::store_url(&self.store)?).map_err(Failure::unusable)?;
        let processes = roster.processes().map_err(Failure::unusable)?;
        let tenures = roster.tenures().map_err(Failure::unusable)?;
        if self.json {
            println!("{}", as_json(&processes, &tenures));
        } else {
            println!("{}\n\n{}", process_table(&processes), district_table(&tenures));
        }
        let orphans: Vec<String> = tenures.iter().filter(|it| !it.held).map(|it| it.district.to_string()).collect();
        if orphans.is_empty() {
            return Ok(());
        }
        let districts = orphans.join(", ");
        Err(Failure::Check(format!(
            "nobody owns {districts}, expected an owner within seconds: look whether an owner runs, and at its log"
        )))
    }
}

fn said(it: &ProcessRow) -> String {
    let s = it.silent_ms / 1_000;
    if it.silent_ms > GONE_MS { format!("GONE for {s} s") } else { "here".to_owned() }
}

fn owner(it: &Tenure) -> String {
    match (it.held, &it.heir) {
        (true, None) => it.owner.clone(),
        (true, Some(heir)) => format!("{} → {heir}", it.owner),
        (false, _) => format!("NOBODY for {} s, last {}", it.free_ms / 1_000, it.owner),
    }
}

fn process_table(processes: &[ProcessRow]) -> Table {
    let mut table = plain(&["process", "role", "http", "up", "now"]);
    for it in processes {
        table.add_row([it.id.clone(), it.role.clone(), it.address.clone(), format!("{} s", it.up_s), said(it)]);
    }
    table
}

fn district_table(tenures: &[Tenure]) -> Table {
    let mut table = plain(&["district", "owner", "epoch", "events"]);
    for it in tenures {
        table.add_row([it.district.to_string(), owner(it), it.epoch.to_string(), it.head.seq.to_string()]);
    }
    table
}

fn plain(header: &[&'static str]) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(header);
    table
}

fn as_json(processes: &[ProcessRow], tenures: &[Tenure]) -> serde_json::Value {
    let processes = processes.iter().map(|it| {
        json!({"process": it.id, "role": it.role, "http": it.address, "up_s": it.up_s, "silent_ms": it.silent_ms,
               "gone": it.silent_ms > GONE_MS})
    });
    let districts = tenures.iter().map(|it| {
        json!({"district": it.district, "owner": it.owner, "held": it.held, "heir": it.heir, "epoch": it.epoch,
               "seq": it.head.seq})
    });
    json!({"processes": processes.collect::<Vec<_>>(), "districts": districts.collect::<Vec<_>>()})
}
