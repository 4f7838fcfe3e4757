//! A real PostgreSQL for tests: one for all, with a database of its own for each, or a whole one that may be restarted.
//! And a line to it that can be cut.

#[allow(dead_code, unused_imports, reason = "other servers are the benches'")]
#[path = "../../../benches/peers/servers/mod.rs"]
pub mod servers;

pub mod proxy;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Mutex, OnceLock};

use tidewatch::journal::{OnLost, Ownership, PostgresLog};
use tokio_postgres::{NoTls, SimpleQueryMessage};

/// A database of its own, empty.
pub fn database() -> String {
    database_on(shared())
}

/// On the server at `port`.
pub fn database_on(port: u16) -> String {
    static MADE: AtomicUsize = AtomicUsize::new(0);
    // Copies of one template are made one after another.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let name = format!("t{}", MADE.fetch_add(1, Ordering::SeqCst));
    let _turn = ONE_AT_A_TIME.lock().unwrap();
    sql(&address(port, "postgres"), &format!("CREATE DATABASE {name}"));
    address(port, &name)
}

pub fn address(port: u16, database: &str) -> String {
    format!("postgres://postgres@127.0.0.1:{port}/{database}")
}

/// The port of `url`, and its database.
pub fn parts(url: &str) -> (u16, &str) {
    let (head, database) = url.rsplit_once('/').unwrap();
    (head.rsplit_once(':').unwrap().1.parse().unwrap(), database)
}

/// It ends with the thread that started it, which therefore never ends.
fn shared() -> u16 {
    static PORT: OnceLock<u16> = OnceLock::new();
    *PORT.get_or_init(|| {
        let (tell, told) = channel();
        std::thread::spawn(move || {
            let server = servers::postgres().unwrap_or_else(|why| panic!("no PostgreSQL for the tests: {why}"));
            tell.send(server.port).unwrap();
            loop {
                std::thread::park();
            }
        });
        told.recv().expect("a PostgreSQL was started")
    })
}

/// Runs statements, and gives the first column of what they answer. On a thread of its own: tests may be tasks.
pub fn sql(url: &str, statements: &str) -> Vec<String> {
    let (url, statements) = (url.to_owned(), statements.to_owned());
    let asked = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
            tokio::spawn(connection);
            client.simple_query(&statements).await.unwrap()
        })
    });
    let first = |it: SimpleQueryMessage| match it {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    };
    asked.join().unwrap().into_iter().filter_map(first).collect()
}

/// A transaction of somebody else, which stays open until this is dropped, and is then undone.
pub struct Held {
    end: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Held {
    /// Begins it with these statements.
    pub fn take(url: &str, statements: &str) -> Self {
        let (url, statements) = (url.to_owned(), format!("BEGIN; {statements}"));
        let ((begun, has_begun), (end, ended)) = (channel(), tokio::sync::oneshot::channel());
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
                tokio::spawn(connection);
                client.batch_execute(&statements).await.unwrap();
                begun.send(()).unwrap();
                ended.await.ok();
                client.batch_execute("ROLLBACK").await.unwrap();
            });
        });
        has_begun.recv().expect("the statements were taken");
        Self { end: Some(end), thread: Some(thread) }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        drop(self.end.take());
        self.thread.take().map(std::thread::JoinHandle::join);
    }
}

/// The owner of a store, for whom losing it is a bug.
pub fn log(url: &str) -> PostgresLog {
    PostgresLog::open(ownership(url), &[], never_lost()).unwrap()
}

pub fn ownership(url: &str) -> Ownership {
    let owner = Ownership::name("a test");
    Ownership { url: url.parse().unwrap(), lease: std::time::Duration::from_secs(3), owner }
}

pub fn never_lost() -> OnLost {
    std::sync::Arc::new(|why| panic!("{why}"))
}
