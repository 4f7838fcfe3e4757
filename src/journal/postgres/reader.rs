//! Reading a store beside whoever owns it, and erasing private values from it. Takes no lease and changes no record.

use std::cell::RefCell;
use std::ops::ControlFlow;

use super::super::{ArchiveRow, EventReader, Heads, LogError, Record, SnapshotStore};
use super::lease::{self, Tenure};
use super::line::Line;
use super::snapshot::SnapshotTable;
use super::url::StoreUrl;
use super::{archive, private, read, schema};
use crate::domain::private::{PrivateId, PrivateValue};
use crate::domain::{DistrictCode, Seq, SubjectId};

/// One connection of any number.
pub struct PostgresReader {
    line: RefCell<Line>,
    generation: String,
}

impl PostgresReader {
    pub fn open(url: &StoreUrl) -> Result<Self, LogError> {
        let mut line = Line::start(url, "")?;
        schema::admit_as_is(&mut line)?;
        let generation = schema::generation(&mut line)?;
        Ok(Self { line: RefCell::new(line), generation })
    }

    /// The private values of these names that are still there, in their order.
    pub fn private_values(&self, ids: &[PrivateId]) -> Result<Vec<(PrivateId, PrivateValue)>, LogError> {
        private::values(&mut self.line.borrow_mut(), ids)
    }

    /// Who owns which district, by the server's clock.
    pub fn tenures(&self) -> Result<Vec<Tenure>, LogError> {
        lease::tenures(&mut self.line.borrow_mut())
    }

    /// The snapshots that owners keep beside the record.
    pub fn snapshots(&self) -> Box<dyn SnapshotStore> {
        Box::new(SnapshotTable::new(self.line.borrow().another()))
    }

    /// Deletes the values of a subject and those in `also`; tells how many there were.
    pub fn forget_private(&self, subject: &SubjectId, also: &[PrivateId]) -> Result<usize, LogError> {
        private::forget(&mut self.line.borrow_mut(), subject, also)
    }

    /// Gives the room of deleted values back, so that new ones are written over them.
    pub fn vacuum_private(&self) -> Result<(), LogError> {
        private::vacuum(&mut self.line.borrow_mut())
    }
}

impl EventReader for PostgresReader {
    fn generation(&self) -> &str {
        &self.generation
    }

    fn heads(&self) -> Result<Heads, LogError> {
        read::heads(&mut self.line.borrow_mut())
    }

    fn read(
        &self,
        district: DistrictCode,
        from: Seq,
        visit: &mut dyn FnMut(Record) -> ControlFlow<()>,
    ) -> Result<(), LogError> {
        read::records(&mut self.line.borrow_mut(), district, from, visit)
    }

    fn archived(&self, district: DistrictCode, number: u64) -> Result<Option<ArchiveRow>, LogError> {
        archive::one(&mut self.line.borrow_mut(), district, number)
    }

    fn archived_page(
        &self,
        district: DistrictCode,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<ArchiveRow>, LogError> {
        archive::page(&mut self.line.borrow_mut(), district, before, limit)
    }
}
