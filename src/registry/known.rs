//! What the registry has under the names that some worlds give: asked in a few statements however many names there are,
//! so that what is decided about a world asks nothing more.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::types::Value;

use super::error::RegistryError;
use super::sql::Sql;
use super::table::Table;
use super::world::{Entry, World};
use crate::dispatch::facts::Row;
use crate::domain::premises::DeviceName;

/// Names that are asked for at once: an import of 100,000 homes has some 700,000.
const NAMES_A_STATEMENT: usize = 250;

/// The default: no registry, where a world is looked at by itself.
#[derive(Default)]
pub(super) struct Known {
    bodies: BTreeMap<Table, BTreeMap<String, String>>,
    /// Ids of devices, by the names they give themselves.
    devices: BTreeMap<String, String>,
    erased: BTreeMap<Table, BTreeSet<String>>,
}

impl Known {
    pub fn of(sql: &Sql, worlds: &[World]) -> Result<Self, RegistryError> {
        let mut known = Self::default();
        for table in Table::ALL {
            let of_table = || entries(worlds).filter(move |it| it.table == table).map(|it| it.id.as_str());
            let parents = entries(worlds).filter_map(|it| it.parent.as_ref()).filter(|it| it.table == table);
            let named: BTreeSet<&str> = of_table().chain(parents.map(|it| it.id.as_str())).collect();
            known.bodies.insert(table, pairs(sql, &body(table), named)?.into_iter().collect());
            let given: BTreeSet<&str> = of_table().collect();
            known.erased.insert(table, pairs(sql, &gone(table), given)?.into_iter().map(|(id, _)| id).collect());
        }
        let devices = entries(worlds).filter_map(|it| it.row.as_ref()).filter_map(|row| match row {
            Row::Device(it) => Some(it.name.to_string()),
            Row::District(_) | Row::Premises(_) | Row::Subject(_) | Row::Responder(_) => None,
        });
        let devices: BTreeSet<String> = devices.collect();
        known.devices = pairs(sql, DEVICE, devices.iter().map(String::as_str).collect())?.into_iter().collect();
        Ok(known)
    }

    /// The body of the row that holds now.
    pub fn body(&self, table: Table, id: &str) -> Option<&str> {
        self.bodies.get(&table)?.get(id).map(String::as_str)
    }

    /// The id of the device that has this name.
    pub fn device_named(&self, name: &DeviceName) -> Option<&str> {
        self.devices.get(&name.to_string()).map(String::as_str)
    }

    /// Whether the row was erased and has not come back. One that was merely ended has its old versions still.
    pub fn is_erased(&self, table: Table, id: &str) -> bool {
        self.erased.get(&table).is_some_and(|it| it.contains(id))
    }
}

fn body(table: Table) -> String {
    format!("SELECT id, body FROM {} WHERE to_version IS NULL AND id", table.as_str())
}

fn gone(table: Table) -> String {
    let name = table.as_str();
    format!(
        "SELECT id, kind FROM gone WHERE kind = '{name}'
         AND NOT EXISTS (SELECT 1 FROM {name} kept WHERE kept.id = gone.id) AND id"
    )
}

const DEVICE: &str = "SELECT json_extract(body, '$.name'), id FROM device
                      WHERE to_version IS NULL AND json_extract(body, '$.name')";

/// Two columns of the rows whose name, with which `text` ends, is one of `names`.
fn pairs(sql: &Sql, text: &str, names: BTreeSet<&str>) -> Result<Vec<(String, String)>, RegistryError> {
    let (mut many, mut names) = (Vec::new(), names.into_iter().map(|it| Value::Text(it.to_owned())));
    while names.len() >= NAMES_A_STATEMENT {
        many.push(names.by_ref().take(NAMES_A_STATEMENT).collect());
    }
    let places: Vec<String> = (1..=NAMES_A_STATEMENT).map(|n| format!("?{n}")).collect();
    let mut rows = sql.rows_each(&format!("{text} IN ({})", places.join(", ")), many)?;
    rows.extend(sql.rows_each(&format!("{text} = ?1"), names.map(|it| vec![it]).collect())?);
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

fn entries(worlds: &[World]) -> impl Iterator<Item = &Entry> {
    worlds.iter().flat_map(|world| &world.entries)
}
