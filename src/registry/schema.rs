//! The tables. A row holds from a version of the registry to another (`to_version` NULL: it holds now); its body is
//! the JSON of the domain's own type, so that there is one description of it.

use super::store::Kind;

/// `registry.db`: who is protected, where, by which device, who may come, and who may ask.
pub(super) const REGISTRY: Kind = Kind {
    file: super::REGISTRY_FILE,
    what: "registry",
    application_id: 0x5457_5247, // TWRG
    schema_version: 1,
    schema: REGISTRY_TABLES,
};

/// `private.db`: the private values to which events refer. Apart from the registry, so that an import that holds the
/// registry's write lock never makes an alarm wait.
pub(super) const PRIVATE: Kind = Kind {
    file: super::PRIVATE_FILE,
    what: "store of private values",
    application_id: 0x5457_5056, // TWPV
    schema_version: 1,
    schema: PRIVATE_TABLES,
};

macro_rules! versioned {
    ($name:literal) => {
        concat!(
            "CREATE TABLE ",
            $name,
            " (id TEXT NOT NULL, from_version INTEGER NOT NULL, to_version INTEGER, ",
            "body TEXT NOT NULL, PRIMARY KEY (id, from_version)) STRICT, WITHOUT ROWID;\n",
            "CREATE INDEX ",
            $name,
            "_from ON ",
            $name,
            " (from_version);\n",
        )
    };
}

const REGISTRY_TABLES: &str = concat!(
    versioned!("district"),
    versioned!("premises"),
    versioned!("subject"),
    versioned!("device"),
    versioned!("responder"),
    versioned!("account"),
    "
    -- A device on the wire is one device of the registry.
    CREATE UNIQUE INDEX device_name ON device (json_extract(body, '$.name')) WHERE to_version IS NULL;
    -- The names of rows that were erased: nothing but the id.
    CREATE TABLE gone (
        kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, at INTEGER NOT NULL,
        PRIMARY KEY (kind, id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE audit (
        seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
        kind TEXT, id TEXT, district TEXT, version INTEGER, detail TEXT
    ) STRICT;
    CREATE TABLE session (
        token_hash BLOB PRIMARY KEY, account TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX session_account ON session (account, created_at);
    -- `target`: a browser's subscription, or empty for the responder's telephone. The answer to a test is a digest.
    CREATE TABLE channel (
        responder TEXT NOT NULL, channel TEXT NOT NULL, target TEXT NOT NULL, confirmed_at INTEGER,
        last_ok_at INTEGER, last_fault TEXT, test_hash BLOB, tested_at INTEGER NOT NULL,
        test_tries INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (responder, channel, target)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE unknown_device (
        name TEXT PRIMARY KEY, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, count INTEGER NOT NULL,
        kind TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX unknown_device_last ON unknown_device (last_at);
    CREATE TABLE meta (
        one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL, pepper BLOB NOT NULL
    ) STRICT;
    "
);

const PRIVATE_TABLES: &str = "
    CREATE TABLE private (
        id BLOB PRIMARY KEY, subject TEXT, kind TEXT NOT NULL, salt BLOB NOT NULL, value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
";
