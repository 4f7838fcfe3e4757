//! Devices that nobody knows, as they name themselves: what the operations engineer looks through after an
//! installation. The names are private, so they lie here and not in the journal.

use rusqlite::{Row, params};

use super::Registry;
use super::error::RegistryError;
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
        let tx = self.write()?;
        let sql = "INSERT INTO unknown_device (name, first_at, last_at, count, kind) VALUES (?1, ?2, ?2, 1, ?3)
                   ON CONFLICT (name) DO UPDATE SET
                       kind = iif(excluded.last_at >= last_at, excluded.kind, kind),
                       last_at = max(last_at, excluded.last_at), count = count + 1";
        tx.prepare_cached(sql)?.execute(params![name.to_string(), at.ms(), kind.as_str()])?;
        let sql = "DELETE FROM unknown_device WHERE name IN (
                       SELECT name FROM unknown_device ORDER BY last_at DESC, name LIMIT -1 OFFSET ?1)";
        tx.prepare_cached(sql)?.execute([UNKNOWN_DEVICES_MAX as i64])?;
        Ok(tx.commit()?)
    }

    /// The unknown devices, the newest first, at most `limit`. One that has been registered since is left out.
    pub fn unknown_devices(&self, limit: usize) -> Result<Vec<UnknownDevice>, RegistryError> {
        let sql = "SELECT name, first_at, last_at, count, kind FROM unknown_device
                   WHERE NOT EXISTS (SELECT 1 FROM device
                       WHERE json_extract(body, '$.name') = unknown_device.name AND to_version IS NULL)
                   ORDER BY last_at DESC, name LIMIT ?1";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query([limit.min(UNKNOWN_DEVICES_MAX) as i64])?;
        let mut devices = Vec::new();
        while let Some(row) = rows.next()? {
            devices.push(read(row)?);
        }
        Ok(devices)
    }
}

fn read(row: &Row<'_>) -> Result<UnknownDevice, RegistryError> {
    let (name, kind): (String, String) = (row.get(0)?, row.get(4)?);
    let damaged =
        |why: &str| RegistryError::Damaged { table: "unknown_device", id: "…".to_owned(), why: why.to_owned() };
    Ok(UnknownDevice {
        name: name.parse().map_err(|_| damaged("its name is not PROTOCOL:IDENTITY"))?,
        first_at: Timestamp::from_ms(row.get(1)?),
        last_at: Timestamp::from_ms(row.get(2)?),
        count: row.get::<_, i64>(3)?.cast_unsigned(),
        last_kind: kind.parse().map_err(|_| damaged("its kind is not one of a signal"))?,
    })
}
