//! Several processes of the real binary over a real PostgreSQL and a real Redis.

mod aid;
mod bus;
mod faults;
mod owners;
mod town;
mod wire;

/// Leases that end soon; and where nobody is free, the other district is asked for aid.
const BORDER: &str = r#"
[store]
lease_s = 2

[aid.neighbours]
990101 = ["990102"]
990102 = ["990101"]

[[ladder]]
name = "nearest"
ask = ["keyholder", "volunteer", "staff"]
patience_s = 60

[[ladder]]
name = "neighbour"
aid = true
patience_s = 60
"#;
