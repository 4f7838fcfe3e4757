//! Several processes of the real binary over a real PostgreSQL and a real Redis.

mod aid;
mod bus;
mod faults;
mod owners;
mod town;
mod wire;
