//! Devices that nobody knows, as they name themselves: what the operations engineer looks through after an
//! installation. The names are private, so they lie here and not in the journal.

use rusqlite::params;

use super::Registry;
use super::error::RegistryError;
use super::sql::Row;
use crate::domain::premises::DeviceName;
use crate::domain::{SignalKind, Timestamp};

/// Names kept: more than a county ever installs in a week, and few enough that noise cannot fill the disk. The one
/// seen longest ago makes room.
pub const UNKNOWN_DEVICES_MAX: usize = 10_000;

/// A device that is not in the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownDevice {
    pub name: DeviceName,
    pub first_at: Timestamp,
    pub last_at: Timestamp,
    pub count: u64,
    pub last_kind: SignalKind,
}

impl Registry {
    /// Notes that `name` sent something at `at`.
    pub fn note_unknown_device(
        &mut self,
        name: &DeviceName,
        kind: SignalKind,
        at: Timestamp,
    ) -> Result<(), RegistryError> {
        let tx = self.sql.write()?;
        let sql = "INSERT INTO unknown_device (name, first_at, last_at, count, kind) VALUES (?1, ?2, ?2, 1, ?3)
                   ON CONFLICT (name) DO UPDATE SET
                       kind = CASE WHEN excluded.last_at >= unknown_device.last_at
                           THEN excluded.kind ELSE unknown_device.kind END,
                       last_at = CASE WHEN excluded.last_at >= unknown_device.last_at
                           THEN excluded.last_at ELSE unknown_device.last_at END,
                       count = unknown_device.count + 1";
        tx.execute(sql, params![name.to_string(), at.ms(), kind.as_str()])?;
        let sql = "DELETE FROM unknown_device WHERE name NOT IN (
                       SELECT name FROM unknown_device ORDER BY last_at DESC, name LIMIT ?1)";
        tx.execute(sql, params![UNKNOWN_DEVICES_MAX as i64])?;
        tx.commit()
    }

    /// The unknown devices, the newest first, at most `limit`. One that has been registered since is left out.
    pub fn unknown_devices(&self, limit: usize) -> Result<Vec<UnknownDevice>, RegistryError> {
        let sql = "SELECT name, first_at, last_at, count, kind FROM unknown_device
                   WHERE NOT EXISTS (SELECT 1 FROM device
                       WHERE json_extract(body, '$.name') = unknown_device.name AND to_version IS NULL)
                   ORDER BY last_at DESC, name LIMIT ?1";
        self.sql.rows(sql, params![limit.min(UNKNOWN_DEVICES_MAX) as i64])?.iter().map(read).collect()
    }
}

fn read(row: &Row) -> Result<UnknownDevice, RegistryError> {
    let (name, kind): (String, String) = (row.get(0)?, row.get(4)?);
    let damaged =
        |why: &str| RegistryError::Damaged { table: "unknown_device", id: "…".to_owned(), why: why.to_owned() };
    Ok(UnknownDevice {
        name: name.parse().map_err(|_| damaged("its name is not PROTOCOL:IDENTITY"))?,
        first_at: Timestamp::from_ms(row.get(1)?),
        last_at: Timestamp::from_ms(row.get(2)?),
        count: row.get::<i64>(3)?.cast_unsigned(),
        last_kind: kind.parse().map_err(|_| damaged("its kind is not one of a signal"))?,
    })
}
