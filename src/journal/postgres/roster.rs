//! Who runs beside this store: each process says so every second, by the server's clock. Takes no lease.

use super::super::LogError;
use super::lease::{self, Tenure, number};
use super::line::Line;
use super::renewal::STANDBY;
use super::schema;
use super::url::StoreUrl;
use crate::domain::DistrictCode;

/// A process that has said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessRow {
    pub id: String,
    pub role: String,
    /// Where it is asked over HTTP.
    pub address: String,
    pub up_s: u64,
    /// Since it last said so.
    pub silent_ms: u64,
}

/// Rows of processes that are long gone are swept.
const FORGOTTEN: &str = "DELETE FROM process WHERE seen_at < clock_timestamp() - interval '1 hour'";

/// A connection of its own.
pub struct Roster {
    line: Line,
}

impl Roster {
    /// Makes the tables where there are none.
    pub fn open(url: &StoreUrl) -> Result<Self, LogError> {
        let mut line = Line::start(url, "")?;
        schema::upgrade(&mut line)?;
        Ok(Self { line })
    }

    /// For who may not write: a store of this very version.
    pub fn open_to_read(url: &StoreUrl) -> Result<Self, LogError> {
        let mut line = Line::start(url, "")?;
        schema::admit_as_is(&mut line)?;
        Ok(Self { line })
    }

    /// Says that this process is here.
    pub fn sign_in(&mut self, id: &str, role: &str, address: &str) -> Result<(), LogError> {
        const HERE: &str = "INSERT INTO process VALUES ($1, $2, $3, clock_timestamp(), clock_timestamp())
                            ON CONFLICT (id) DO UPDATE SET seen_at = clock_timestamp(), role = $2";
        let (id, role, address) = (id.to_owned(), role.to_owned(), address.to_owned());
        let said = self.line.ask(move |client| async move {
            client.execute(HERE, &[&id, &role, &address]).await?;
            client.execute(FORGOTTEN, &[]).await
        });
        said.map(drop).map_err(|it| it.fault("signing in at", &self.line.url))
    }

    pub fn sign_out(&mut self, id: &str) -> Result<(), LogError> {
        let id = id.to_owned();
        let said = self
            .line
            .ask(move |client| async move { client.execute("DELETE FROM process WHERE id = $1", &[&id]).await });
        said.map(drop).map_err(|it| it.fault("signing out of", &self.line.url))
    }

    pub fn processes(&mut self) -> Result<Vec<ProcessRow>, LogError> {
        const ALL: &str = "SELECT id, role, address, extract(epoch FROM clock_timestamp() - started_at)::bigint,
                                  (extract(epoch FROM clock_timestamp() - seen_at) * 1000)::bigint
                           FROM process ORDER BY id";
        let rows = self.line.ask(|client| async move { client.query(ALL, &[]).await });
        let rows = rows.map_err(|it| it.fault("reading", &self.line.url))?;
        let positive = |it: i64| u64::try_from(it).unwrap_or(0);
        let process = |row: &tokio_postgres::Row| ProcessRow {
            id: row.get(0),
            role: row.get(1),
            address: row.get(2),
            up_s: positive(row.get(3)),
            silent_ms: positive(row.get(4)),
        };
        Ok(rows.iter().map(process).collect())
    }

    pub fn has_synchronous_standby(&mut self) -> Result<bool, LogError> {
        let asked = self.line.ask(|client| async move { client.query_one_scalar(STANDBY, &[]).await });
        asked.map_err(|it| it.fault("reading", &self.line.url))
    }

    pub fn tenures(&mut self) -> Result<Vec<Tenure>, LogError> {
        lease::tenures(&mut self.line)
    }

    /// Names who is to take a district of ours next. `false`: it is not ours.
    pub fn name_heir(&mut self, district: DistrictCode, owner: &str, heir: &str) -> Result<bool, LogError> {
        const NAME: &str = "UPDATE lease SET heir = $3 WHERE district = $1 AND owner = $2";
        let (owner, heir) = (owner.to_owned(), heir.to_owned());
        let named =
            self.line.ask(move |client| async move { client.execute(NAME, &[&number(district), &owner, &heir]).await });
        named.map(|it| it > 0).map_err(|it| it.fault("naming an heir in", &self.line.url))
    }
}
