//! Erasing a person: no file of the data folder keeps a name, a number or an address of theirs, in no version. What
//! stays is the bare id, so that a running server drops them and an old world file does not bring them back.
//! Refuses an id that was never there. Every step may be done again: who erases twice ends where once would.

use std::collections::BTreeSet;

use rusqlite::params;

use super::audit::{AuditEntry, write};
use super::error::RegistryError;
use super::sql::Sql;
use super::table::{Table, decode, encode};
use super::vault::Forget;
use super::versioned::{close, insert, next_version, note};
use super::{By, Registry, accounts, sessions};
use crate::dispatch::facts::Row;
use crate::domain::premises::Device;
use crate::domain::private::PrivateId;
use crate::domain::subject::{Contact, Subject};
use crate::domain::{AccountName, DeviceId, PremisesId, SubjectId};

/// Why a person was not erased, or not wholly.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    #[error("no subject `{id}` in the registry, expected one that is or was there; correct --subject")]
    Unknown { id: SubjectId },
    #[error(
        "subject `{id}` is erased, but another process still reads an older state of the files: {why}; run it again"
    )]
    StillRead { id: SubjectId, why: RegistryError },
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

/// What was erased, by ids and counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Erased {
    /// The version of the registry after it.
    pub version: u64,
    /// The registry had erased this subject before; only what came in since was deleted.
    pub before: bool,
    pub devices: Vec<DeviceId>,
    /// Accounts of these devices, which end with them.
    pub accounts: Vec<AccountName>,
    pub premises: Vec<PremisesId>,
    /// Premises whose address stays, because these others live there.
    pub premises_kept: Vec<(PremisesId, Vec<SubjectId>)>,
    /// Subjects who had the person as a contact.
    pub contact_of: Vec<SubjectId>,
    pub unknown_devices: usize,
    pub private_values: usize,
}

impl Registry {
    /// Erases `subject`: its rows and those of its devices in all versions, its home where nobody else lives there,
    /// and the private values that are its own or in `also`, which the caller finds in the journal.
    pub fn erase(
        &mut self,
        vault: &mut dyn Forget,
        subject: &SubjectId,
        also: &[PrivateId],
        by: By<'_>,
    ) -> Result<Erased, EraseError> {
        let tx = self.sql.write()?;
        let mut erased = match Person::find(&tx, subject)? {
            Some(person) => erase_rows(&tx, &person, by)?,
            None if was_erased(&tx, subject)? => erase_again(&tx, subject, by)?,
            None => return Err(EraseError::Unknown { id: subject.clone() }),
        };
        erased.version = super::load::version(&tx)?;
        // The values go while the row is still there: a crash between the two is mended by doing it again.
        erased.private_values = vault.forget(subject, also)?;
        tx.commit()?;
        let scrubbed = vault.scrub().and_then(|()| self.sql.scrub());
        scrubbed.map_err(|why| EraseError::StillRead { id: subject.clone(), why })?;
        Ok(erased)
    }
}

/// A person in all versions, and the devices that were ever theirs.
struct Person {
    id: SubjectId,
    versions: Vec<Subject>,
    devices: Vec<Device>,
}

impl Person {
    fn find(sql: &Sql, id: &SubjectId) -> Result<Option<Self>, RegistryError> {
        let rows = every(sql, Table::Subject, "id = ?1", id.as_str())?;
        let versions: Vec<Subject> = rows.into_iter().filter_map(|it| it.subject()).collect();
        let rows = every(sql, Table::Device, "json_extract(body, '$.subject') = ?1", id.as_str())?;
        let devices = rows.into_iter().filter_map(|it| it.device()).collect();
        let found = !versions.is_empty();
        Ok(found.then_some(Self { id: id.clone(), versions, devices }))
    }

    /// Telephone numbers that were ever theirs.
    fn phones(&self) -> impl Iterator<Item = &String> {
        self.versions.iter().flat_map(|it| &it.phones)
    }

    fn is(&self, contact: &Contact) -> bool {
        self.versions.iter().any(|it| it.name == contact.name) && self.phones().any(|it| *it == contact.phone)
    }
}

fn erase_rows(tx: &Sql, person: &Person, by: By<'_>) -> Result<Erased, RegistryError> {
    let version = next_version(tx)?;
    let mut erasing = Erasing { tx, person, version, by, erased: Erased::default() };
    erasing.devices()?;
    erasing.accounts()?;
    erasing.contacts()?;
    erasing.unknown_devices()?;
    erasing.row(Table::Subject, person.id.as_str())?;
    erasing.homes()?;
    Ok(erasing.erased)
}

/// The rows are gone; what is left are private values that came in since.
fn erase_again(tx: &Sql, subject: &SubjectId, by: By<'_>) -> Result<Erased, RegistryError> {
    write(tx, &AuditEntry::of(by, "erased").on("subject", subject.as_str()).saying("again"))?;
    Ok(Erased { before: true, ..Erased::default() })
}

/// One person on the way out of the registry, and what has gone of them so far.
struct Erasing<'a> {
    tx: &'a Sql,
    person: &'a Person,
    /// Of the registry, after all of it.
    version: u64,
    by: By<'a>,
    erased: Erased,
}

impl Erasing<'_> {
    /// Deletes a row in all versions and leaves its id.
    fn row(&self, table: Table, id: &str) -> Result<(), RegistryError> {
        self.tx.execute(&format!("DELETE FROM {} WHERE id = ?1", table.as_str()), params![id])?;
        let sql = "INSERT INTO gone (kind, id, version, at) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT (kind, id) DO UPDATE SET version = excluded.version, at = excluded.at";
        self.tx.execute(sql, params![table, id, self.version.cast_signed(), self.by.at.ms()])?;
        self.note("erased", table.as_str(), id)
    }

    fn note(&self, what: &'static str, table: &'static str, id: &str) -> Result<(), RegistryError> {
        note(self.tx, self.by, what, table, id, self.version)
    }

    fn exists(&self, condition: &str, value: &str) -> Result<bool, RegistryError> {
        exists(self.tx, condition, value)
    }

    /// A device that has meanwhile gone to somebody else stays theirs; only the rows of this person go.
    fn devices(&mut self) -> Result<(), RegistryError> {
        let sql = "DELETE FROM device WHERE json_extract(body, '$.subject') = ?1";
        self.tx.execute(sql, params![self.person.id.as_str()])?;
        for device in &self.person.devices {
            let stays = self.exists("device WHERE id = ?1", device.id.as_str())?;
            if !stays && !self.erased.devices.contains(&device.id) {
                self.row(Table::Device, device.id.as_str())?;
                self.erased.devices.push(device.id.clone());
            }
        }
        Ok(())
    }

    /// An account of one device names it as it names itself.
    fn accounts(&mut self) -> Result<(), RegistryError> {
        for device in &self.person.devices {
            let name = device.name.to_string();
            if self.exists("device WHERE json_extract(body, '$.name') = ?1", &name)? {
                continue;
            }
            for account in accounts::forget_device(self.tx, &name)? {
                sessions::end_all(self.tx, &account)?;
                self.note("erased", "account", account.as_str())?;
                self.erased.accounts.push(account);
            }
        }
        Ok(())
    }

    /// Takes the person out of the contacts of others: old versions are rewritten, and the current one is followed by
    /// one without them, so that running servers hear of it.
    fn contacts(&mut self) -> Result<(), RegistryError> {
        for other in every(self.tx, Table::Subject, "id <> ?1", self.person.id.as_str())? {
            let (from_version, holds) = (other.from_version, other.holds);
            let Some(mut subject) = other.subject() else { continue };
            if !subject.contacts.iter().any(|it| self.person.is(it)) {
                continue;
            }
            subject.contacts.retain(|it| !self.person.is(it));
            let id = subject.id.clone();
            let body = encode(&Row::Subject(subject));
            let sql = "UPDATE subject SET body = ?3 WHERE id = ?1 AND from_version = ?2";
            self.tx.execute(sql, params![id.as_str(), from_version, body])?;
            if holds {
                close(self.tx, "subject", id.as_str(), self.version)?;
                insert(self.tx, "subject", id.as_str(), self.version, &body)?;
                self.note("changed", "subject", id.as_str())?;
                self.erased.contact_of.push(id);
            }
        }
        Ok(())
    }

    /// Under unknown devices a device or a telephone of the person may stand from before it was registered.
    fn unknown_devices(&mut self) -> Result<(), RegistryError> {
        for device in &self.person.devices {
            let sql = "DELETE FROM unknown_device WHERE name = ?1";
            self.erased.unknown_devices += self.tx.execute(sql, params![device.name.to_string()])?;
        }
        let phones: BTreeSet<&String> = self.person.phones().collect();
        for row in self.tx.rows("SELECT name FROM unknown_device", &[])? {
            let name: String = row.get(0)?;
            if name.split_once(':').is_some_and(|(_, identity)| phones.iter().any(|it| *it == identity)) {
                let sql = "DELETE FROM unknown_device WHERE name = ?1";
                self.erased.unknown_devices += self.tx.execute(sql, params![name])?;
            }
        }
        Ok(())
    }

    /// The premises where the person ever lived.
    fn homes(&mut self) -> Result<(), RegistryError> {
        let homes: BTreeSet<&PremisesId> = self.person.versions.iter().map(|it| &it.premises).collect();
        for home in homes {
            let others = residents(self.tx, home)?;
            if others.is_empty() {
                self.row(Table::Premises, home.as_str())?;
                self.erased.premises.push(home.clone());
            } else {
                self.erased.premises_kept.push((home.clone(), others));
            }
        }
        Ok(())
    }
}

fn residents(tx: &Sql, home: &PremisesId) -> Result<Vec<SubjectId>, RegistryError> {
    let of_home = "to_version IS NULL AND json_extract(body, '$.premises') = ?1";
    let rows = every(tx, Table::Subject, of_home, home.as_str())?;
    Ok(rows.into_iter().filter_map(|it| it.subject()).map(|it| it.id).collect())
}

fn was_erased(tx: &Sql, subject: &SubjectId) -> Result<bool, RegistryError> {
    exists(tx, "gone WHERE kind = 'subject' AND id = ?1", subject.as_str())
}

/// `condition`: a table and what is asked of a row of it.
fn exists(tx: &Sql, condition: &str, value: &str) -> Result<bool, RegistryError> {
    Ok(tx.row(&format!("SELECT 1 FROM {condition} LIMIT 1"), params![value])?.is_some())
}

/// A row of any version.
struct AnyVersion {
    from_version: i64,
    holds: bool,
    row: Row,
}

impl AnyVersion {
    fn subject(self) -> Option<Subject> {
        if let Row::Subject(it) = self.row { Some(it) } else { None }
    }

    fn device(self) -> Option<Device> {
        if let Row::Device(it) = self.row { Some(it) } else { None }
    }
}

fn every(sql: &Sql, table: Table, condition: &str, value: &str) -> Result<Vec<AnyVersion>, RegistryError> {
    let name = table.as_str();
    let text = format!("SELECT id, from_version, to_version IS NULL, body FROM {name} WHERE {condition} ORDER BY id");
    let mut found = Vec::new();
    for row in sql.rows(&text, params![value])? {
        let (id, body): (String, String) = (row.get(0)?, row.get(3)?);
        found.push(AnyVersion { from_version: row.get(1)?, holds: row.get(2)?, row: decode(table, &id, &body)? });
    }
    Ok(found)
}
