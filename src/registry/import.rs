//! Import: worlds into rows, all of them or none. What is there already is left as it is, so the same files twice
//! change nothing. A person who was erased does not come back with an old file: such rows are skipped and counted.

use std::collections::{BTreeMap, BTreeSet};

use super::audit::{AuditEntry, write, write_each};
use super::change::{district_of, held};
use super::error::RegistryError;
use super::known::Known;
use super::load::version;
use super::sql::Sql;
use super::table::{Table, decode, encode};
use super::versioned::{close_each, insert_each, next_version};
use super::world::{Entry, Fault, World, check};
use super::{By, Registry};
use crate::dispatch::facts::Row;
use crate::domain::DistrictCode;

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("{}", lines(.0))]
    Faults(Vec<Fault>),
    /// The world names a row of this district, or would change one.
    #[error("it would change district {0}, which is out of reach")]
    OutOfReach(DistrictCode),
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// The version of the registry after it.
    pub version: u64,
    pub tables: BTreeMap<Table, TableReport>,
}

/// Rows of one table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TableReport {
    pub added: usize,
    pub changed: usize,
    pub unchanged: usize,
    /// Rows of persons who were erased.
    pub erased: usize,
}

/// What is to be written, found without the write lock.
struct Plan<'a> {
    /// The version of the registry on which it was made.
    on: u64,
    report: ImportReport,
    changes: Vec<Change<'a>>,
}

/// A row took the place of another.
const CHANGED: &str = "changed";

struct Change<'a> {
    entry: &'a Entry,
    row: &'a Row,
    /// As the audit says it.
    action: &'static str,
}

impl Registry {
    /// Takes all rows of `worlds`, or none where any of them has a fault; all faults are told.
    pub fn import(&mut self, worlds: &[World], by: By<'_>) -> Result<ImportReport, ImportError> {
        let planned = plan(&*self.sql.read()?, worlds)?;
        let tx = self.sql.write()?;
        // Others waited for no plan; where one of them was quicker, the plan is made again under the lock.
        let mut plan = if version(&tx)? == planned.on { planned } else { plan(&tx, worlds)? };
        if !plan.changes.is_empty() {
            plan.report.version = next_version(&tx)?;
            put(&tx, &plan, by)?;
        }
        write(&tx, &AuditEntry::of(by, "imported").at_version(plan.report.version).saying(plan.report.summary()))?;
        tx.commit()?;
        Ok(plan.report)
    }
}

impl Registry {
    /// As `import`, for an account that reaches these districts alone (none: all). A dry run is the same but for its
    /// commit, so that it finds what an import would.
    pub fn import_within(
        &mut self,
        worlds: &[World],
        reach: &BTreeSet<DistrictCode>,
        dry_run: bool,
        by: By<'_>,
    ) -> Result<ImportReport, ImportError> {
        let tx = self.sql.write()?;
        let mut plan = plan(&tx, worlds)?;
        let before = plan.changes.iter().map(|it| held(&tx, it.entry.table, &it.entry.id));
        for held in before.collect::<Result<Vec<_>, _>>()?.into_iter().flatten() {
            may_change(&tx, &held.row, reach)?;
        }
        if !plan.changes.is_empty() {
            plan.report.version = next_version(&tx)?;
            put(&tx, &plan, by)?;
        }
        // Only now is there every row that a new one names.
        plan.changes.iter().try_for_each(|it| may_change(&tx, it.row, reach))?;
        if !dry_run {
            write(&tx, &AuditEntry::of(by, "imported").at_version(plan.report.version).saying(plan.report.summary()))?;
            tx.commit()?;
        }
        Ok(plan.report)
    }
}

fn may_change(sql: &Sql, row: &Row, reach: &BTreeSet<DistrictCode>) -> Result<(), ImportError> {
    match district_of(sql, row)? {
        Some(it) if !reach.is_empty() && !reach.contains(&it) => Err(ImportError::OutOfReach(it)),
        _ => Ok(()),
    }
}

impl ImportReport {
    /// One line without a name in it.
    pub fn summary(&self) -> String {
        let sum = |count: fn(&TableReport) -> usize| self.tables.values().map(count).sum::<usize>();
        let (added, changed) = (sum(|it| it.added), sum(|it| it.changed));
        let (unchanged, erased) = (sum(|it| it.unchanged), sum(|it| it.erased));
        format!("added {added}, changed {changed}, unchanged {unchanged}, erased before and skipped {erased}")
    }
}

fn plan<'a>(sql: &Sql, worlds: &'a [World]) -> Result<Plan<'a>, ImportError> {
    let known = Known::of(sql, worlds)?;
    let faults = check(worlds, &known);
    if !faults.is_empty() {
        return Err(ImportError::Faults(faults));
    }
    let on = version(sql)?;
    let mut plan = Plan { on, report: ImportReport { version: on, ..ImportReport::default() }, changes: Vec::new() };
    let erased = OfErased::find(&known, worlds);
    let mut seen = BTreeSet::new();
    for entry in worlds.iter().flat_map(|world| &world.entries) {
        let Some(row) = &entry.row else { continue };
        if seen.insert((entry.table, &entry.id)) {
            plan.judge(&known, entry, row, &erased)?;
        }
    }
    Ok(plan)
}

impl<'a> Plan<'a> {
    fn judge(
        &mut self,
        known: &Known,
        entry: &'a Entry,
        row: &'a Row,
        erased: &OfErased<'_>,
    ) -> Result<(), RegistryError> {
        let count = self.report.tables.entry(entry.table).or_default();
        if erased.covers(row) {
            count.erased += 1;
            return Ok(());
        }
        let action = match known.body(entry.table, &entry.id) {
            Some(body) if decode(entry.table, &entry.id, body)? == *row => {
                count.unchanged += 1;
                return Ok(());
            }
            Some(_) => {
                count.changed += 1;
                CHANGED
            }
            None => {
                count.added += 1;
                "added"
            }
        };
        self.changes.push(Change { entry, row, action });
        Ok(())
    }
}

/// All old rows are closed before a new one opens: two devices may swap their names.
fn put(tx: &Sql, plan: &Plan<'_>, by: By<'_>) -> Result<(), RegistryError> {
    let version = plan.report.version;
    let of = |table: Table| plan.changes.iter().filter(move |it| it.entry.table == table);
    for table in Table::ALL {
        let old = of(table).filter(|it| it.action == CHANGED).map(|it| it.entry.id.as_str());
        close_each(tx, table, old, version)?;
    }
    for table in Table::ALL {
        insert_each(tx, table, of(table).map(|it| (it.entry.id.as_str(), encode(it.row))), version)?;
    }
    let said =
        |it: &Change<'_>| AuditEntry::of(by, it.action).on(it.entry.table.as_str(), &it.entry.id).at_version(version);
    write_each(tx, plan.changes.iter().map(said))
}

/// What of these worlds belongs to persons who were erased.
#[derive(Default)]
struct OfErased<'a> {
    subjects: BTreeSet<&'a str>,
    /// Erased with the last who lived there, and nobody else moves in.
    premises: BTreeSet<&'a str>,
}

impl<'a> OfErased<'a> {
    fn find(known: &Known, worlds: &'a [World]) -> Self {
        let mut erased = Self::default();
        let rows = || worlds.iter().flat_map(|world| &world.entries).filter_map(|entry| entry.row.as_ref());
        for row in rows() {
            match row {
                Row::Subject(it) if known.is_erased(Table::Subject, it.id.as_str()) => {
                    erased.subjects.insert(it.id.as_str());
                }
                Row::Premises(it) if known.is_erased(Table::Premises, it.id.as_str()) => {
                    erased.premises.insert(it.id.as_str());
                }
                Row::District(_) | Row::Premises(_) | Row::Subject(_) | Row::Device(_) | Row::Responder(_) => {}
            }
        }
        for row in rows() {
            if let Row::Subject(it) = row
                && !erased.subjects.contains(it.id.as_str())
            {
                erased.premises.remove(it.premises.as_str());
            }
        }
        erased
    }

    fn covers(&self, row: &Row) -> bool {
        match row {
            Row::Premises(it) => self.premises.contains(it.id.as_str()),
            Row::Subject(it) => self.subjects.contains(it.id.as_str()),
            Row::Device(it) => self.subjects.contains(it.subject.as_str()),
            Row::District(_) | Row::Responder(_) => false,
        }
    }
}

fn lines(faults: &[Fault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
