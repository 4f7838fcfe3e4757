//! The tables, in a schema of their own, and their version: each step is embedded, done once, and never undone.

use super::super::LogError;
use super::line::Line;

/// Step n brings a store from version n to n + 1. Bodies and values are bytes: a text of PostgreSQL refuses the letter
/// 0, and no letter of a message may keep an alarm from the record.
const STEPS: [&str; 3] = [
    "
    CREATE TABLE log (one boolean PRIMARY KEY CHECK (one), generation text NOT NULL);
    INSERT INTO log VALUES (true, replace(gen_random_uuid()::text, '-', ''));
    CREATE TABLE lease (
        district integer PRIMARY KEY, owner text NOT NULL, epoch bigint NOT NULL, head_seq bigint NOT NULL,
        head_hash bytea NOT NULL, held_until timestamptz NOT NULL);
    CREATE TABLE event (
        district integer NOT NULL, seq bigint NOT NULL, body bytea NOT NULL, hash bytea NOT NULL,
        epoch bigint NOT NULL, PRIMARY KEY (district, seq));
    CREATE TABLE archive (
        district integer NOT NULL, number bigint NOT NULL, closed_seq bigint NOT NULL, body bytea NOT NULL,
        PRIMARY KEY (district, number));
    CREATE TABLE snapshot (
        district integer NOT NULL, seq bigint NOT NULL, hash bytea NOT NULL, state_version bigint NOT NULL,
        body bytea NOT NULL, digest bytea NOT NULL, PRIMARY KEY (district, seq));
    CREATE TABLE private (
        id bytea PRIMARY KEY, subject text, kind text NOT NULL, salt bytea NOT NULL, value bytea NOT NULL);
    CREATE INDEX private_subject ON private (subject);
    CREATE FUNCTION hold(all_held boolean) RETURNS boolean LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT all_held THEN
                RAISE EXCEPTION 'the lease is another''s' USING ERRCODE = 'TW001';
            END IF;
            RETURN true;
        END $$;
",
    // Who runs, and to whom a district is being handed.
    "
    CREATE TABLE process (
        id text PRIMARY KEY, role text NOT NULL, address text NOT NULL, started_at timestamptz NOT NULL,
        seen_at timestamptz NOT NULL);
    ALTER TABLE lease ADD COLUMN heir text NOT NULL DEFAULT '';
",
    REGISTRY,
];

macro_rules! versioned {
    ($name:literal) => {
        concat!(
            "CREATE TABLE ",
            $name,
            " (id text COLLATE \"C\" NOT NULL, from_version bigint NOT NULL, to_version bigint, body json NOT NULL, ",
            "PRIMARY KEY (id, from_version));\n",
            "CREATE INDEX ",
            $name,
            "_from ON ",
            $name,
            " (from_version);\n",
            "CREATE UNIQUE INDEX ",
            $name,
            "_now ON ",
            $name,
            " (id) WHERE to_version IS NULL;\n",
        )
    };
}

/// The tables of `registry.db` (`registry/schema.rs` says what they are), so that one text of a statement does for both:
/// `json_extract` is SQLite's, for the one kind of path that is asked for.
const REGISTRY: &str = concat!(
    "
    CREATE FUNCTION json_extract(body json, path text) RETURNS text LANGUAGE sql IMMUTABLE AS
        $$ SELECT body ->> substr(path, 3) $$;
",
    versioned!("district"),
    versioned!("premises"),
    versioned!("subject"),
    versioned!("device"),
    versioned!("responder"),
    versioned!("account"),
    "
    CREATE UNIQUE INDEX device_name ON device (json_extract(body, '$.name')) WHERE to_version IS NULL;
    CREATE INDEX device_subject ON device (json_extract(body, '$.subject'));
    CREATE INDEX subject_premises ON subject (json_extract(body, '$.premises'));
    CREATE TABLE gone (
        kind text NOT NULL, id text COLLATE \"C\" NOT NULL, version bigint NOT NULL, at bigint NOT NULL,
        PRIMARY KEY (kind, id));
    CREATE TABLE audit (
        seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at bigint NOT NULL, actor text NOT NULL,
        action text NOT NULL, kind text, id text, district text, version bigint, detail text);
    CREATE TABLE session (
        token_hash bytea PRIMARY KEY, account text NOT NULL, created_at bigint NOT NULL, expires_at bigint NOT NULL);
    CREATE INDEX session_account ON session (account, created_at);
    CREATE TABLE channel (
        responder text COLLATE \"C\" NOT NULL, channel text COLLATE \"C\" NOT NULL, target text COLLATE \"C\" NOT NULL,
        confirmed_at bigint, last_ok_at bigint, last_fault text, test_hash bytea, tested_at bigint NOT NULL,
        test_tries bigint NOT NULL DEFAULT 0, PRIMARY KEY (responder, channel, target));
    CREATE TABLE unknown_device (
        name text COLLATE \"C\" PRIMARY KEY, first_at bigint NOT NULL, last_at bigint NOT NULL, count bigint NOT NULL,
        kind text NOT NULL);
    CREATE INDEX unknown_device_last ON unknown_device (last_at);
    CREATE TABLE meta (one integer PRIMARY KEY CHECK (one = 1), version bigint NOT NULL, pepper bytea NOT NULL);
"
);

/// What `hold` raises where a row of the lease was not as it was expected.
pub(super) const NOT_HELD: &str = "TW001";

/// The version this program writes.
const VERSION: i64 = STEPS.len() as i64;

/// `TIDW`: two processes that start at once do not both make the tables.
const LOCK: i64 = 0x5449_4457;

/// Makes the tables, or brings them to this version: one transaction.
pub(super) fn upgrade(line: &mut Line) -> Result<(), LogError> {
    let found = version(line)?.unwrap_or(0);
    if found >= VERSION {
        return newer(line, found);
    }
    let asked = line.ask(|client| async move { client.batch_execute(&script()).await });
    asked.map_err(|it| it.fault("upgrading", &line.url))
}

/// For who may not write: a store of this very version.
pub(super) fn admit_as_is(line: &mut Line) -> Result<(), LogError> {
    match version(line)? {
        Some(found) if found >= VERSION => newer(line, found),
        found => {
            Err(LogError::OlderStore { store: line.url.to_string(), found: found.unwrap_or(0), expected: VERSION })
        }
    }
}

pub(super) fn generation(line: &mut Line) -> Result<String, LogError> {
    let asked = line.ask(|client| async move { client.query_one_scalar("SELECT generation FROM log", &[]).await });
    asked.map_err(|it| it.fault("reading", &line.url))
}

fn newer(line: &Line, found: i64) -> Result<(), LogError> {
    if found == VERSION {
        return Ok(());
    }
    Err(LogError::NewerStore { store: line.url.to_string(), found, expected: VERSION })
}

/// `None` where there are no tables of ours.
fn version(line: &mut Line) -> Result<Option<i64>, LogError> {
    let asked = line.ask(|client| async move {
        let there = "SELECT to_regclass('tidewatch.migration') IS NOT NULL";
        if !client.query_one_scalar::<bool, _>(there, &[]).await? {
            return Ok(None);
        }
        client.query_one_scalar("SELECT max(version) FROM migration", &[]).await
    });
    asked.map_err(|it| it.fault("reading", &line.url))
}

/// Whoever comes second finds the steps done, each of which looks at the version under the lock.
fn script() -> String {
    let mut script = format!(
        "BEGIN; SELECT pg_advisory_xact_lock({LOCK});
         CREATE SCHEMA IF NOT EXISTS tidewatch;
         CREATE TABLE IF NOT EXISTS migration (version bigint PRIMARY KEY, done_at timestamptz NOT NULL);"
    );
    for (from, step) in STEPS.iter().enumerate() {
        let version = from + 1;
        script.push_str(&format!(
            "DO $step$ BEGIN IF NOT EXISTS (SELECT FROM migration WHERE version = {version}) THEN {step}
             INSERT INTO migration VALUES ({version}, clock_timestamp()); END IF; END $step$;"
        ));
    }
    script.push_str("COMMIT");
    script
}
