//! A world file, taken as a whole or not at all. A dry run says what would change and what is wrong.

use std::sync::Arc;

use axum::Json as Reply;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::refused_out_of_reach;
use crate::api::auth::Caller;
use crate::api::input::{Params, WorldText};
use crate::api::problem::Problem;
use crate::api::service::Api;
use crate::domain::Role;
use crate::geo::gcj02_to_wgs84;
use crate::registry::{By, ImportError, ImportReport, Registry, RegistryError, Table, TableReport, World, world};

/// What faults call the file.
const NAME: &str = "world.toml";

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HowToImport {
    /// Says what would change, and changes nothing.
    #[serde(default)]
    dry_run: bool,
}

#[derive(Serialize, ToSchema)]
pub struct Imported {
    applied: bool,
    tables: Vec<TableImported>,
}

#[derive(Serialize, ToSchema)]
pub struct TableImported {
    /// `district`, `premises`, `subject`, `device` or `responder`.
    table: &'static str,
    added: usize,
    changed: usize,
    unchanged: usize,
    /// Rows of persons who were erased: skipped.
    erased: usize,
}

/// Import a world file: all of it, or nothing where anything is wrong.
#[utoipa::path(post, path = "/api/v1/registry/import", tag = "registry", params(HowToImport),
    request_body(content = String, content_type = "application/toml"),
    responses((status = 200, body = Imported), (status = 403), (status = 413), (status = 422)))]
pub async fn import(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Params(HowToImport { dry_run }): Params<HowToImport>,
    WorldText(text): WorldText,
) -> Result<Reply<Imported>, Problem> {
    caller.need(&[Role::Supervisor])?;
    let reading = tokio::task::spawn_blocking(move || World::read(NAME, &text, &gcj02_to_wgs84));
    let world = reading.await.map_err(|_| Problem::unavailable("the file has not been read, ask again"))?;
    let (actor, at, reach) = (caller.account.name.clone(), api.clock.wall(), caller.account.districts.clone());
    let importing = move |it: &mut Registry| {
        let by = By { actor: actor.as_str(), at };
        Ok::<_, RegistryError>(it.import_within(&[world], &reach, dry_run, by))
    };
    let report = api.stores.change(importing).await?.map_err(|error| refused(error, &caller))?;
    if !dry_run {
        api.renewal.reached(report.version).await;
    }
    Ok(Reply(Imported { applied: !dry_run, tables: tables(&report) }))
}

fn tables(report: &ImportReport) -> Vec<TableImported> {
    let shown = |(table, it): (&Table, &TableReport)| TableImported {
        table: table.as_str(),
        added: it.added,
        changed: it.changed,
        unchanged: it.unchanged,
        erased: it.erased,
    };
    report.tables.iter().map(shown).collect()
}

fn refused(error: ImportError, caller: &Caller) -> Problem {
    match error {
        ImportError::OutOfReach(district) => refused_out_of_reach(caller, district),
        ImportError::Faults(faults) => {
            let detail = "the world cannot be taken, see `faults`";
            let fault = |it: &world::Fault| json!({"line": it.line, "field": it.field, "found": it.found, "expected": it.expected, "mend": it.mend});
            let shown = faults.iter().map(fault).collect();
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_world", detail).with("faults", shown)
        }
        ImportError::Registry(error) => crate::api::stores::StoreError::from(error).into(),
    }
}
