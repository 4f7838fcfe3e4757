//! One connection, made again when it was lost, with a limit around everything: nobody waits for a server that is gone.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{sleep, timeout};
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, NoTls, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::super::LogError;
use super::bridge::Bridge;
use super::url::{Security, StoreUrl};
use crate::tls;

/// A server of the same city answers a connection in milliseconds.
const CONNECT: Duration = Duration::from_secs(1);

/// Around everything that is asked: above what the server itself allows a statement, so that its word comes first.
pub(super) const ANSWER: Duration = Duration::from_secs(4);

/// Between looks at whether an idle line is still there.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// After a connection that could not be made, before the next: a server that starts is asked four times a second.
const AGAIN: Duration = Duration::from_millis(250);

/// How each connection is set. A transaction that is left open, by a process that was stopped in it, must not keep the
/// next owner out; and a lock is held for a commit, never for a second.
const SETTINGS: &str = "SET search_path = tidewatch; SET client_encoding = 'UTF8'; SET statement_timeout = '2s';
    SET lock_timeout = '1s'; SET idle_in_transaction_session_timeout = '1s'";

/// What a question came to, where it came to no answer.
#[derive(Debug)]
pub(super) enum Trouble {
    /// No connection: nothing was asked.
    Away(String),
    /// The server refused, and says why.
    Said { code: String, why: String },
    /// The line was lost, or nothing came in time: nobody knows what was done.
    Lost(String),
}

impl Trouble {
    pub fn fault(self, doing: &'static str, url: &StoreUrl) -> LogError {
        let why = match self {
            Self::Away(why) => format!("cannot be reached: {why}"),
            Self::Said { code, why } => format!("{why} (SQLSTATE {code})"),
            Self::Lost(why) => format!("no answer: {why}"),
        };
        LogError::Server { doing, store: url.to_string(), why }
    }

    pub fn of(error: &tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            // A server that is shutting down says so, and the line is gone; so it is with what it was doing.
            Some(said) if matches!(said.severity(), "FATAL" | "PANIC") => Self::Lost(said.message().to_owned()),
            Some(said) => Self::Said { code: said.code().code().to_owned(), why: said.message().to_owned() },
            None => Self::Lost(whole(error)),
        }
    }
}

/// With its causes: the outermost words say little.
pub(super) fn whole(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |it| it.source()).map(|it| format!(": {it}"));
    std::iter::once(error.to_string()).chain(causes).collect()
}

/// A connection of one user at a time.
pub(super) struct Line {
    pub bridge: Arc<Bridge>,
    pub url: StoreUrl,
    /// Beside those of all lines.
    settings: &'static str,
    client: Option<Arc<Client>>,
    failed: bool,
}

impl Line {
    /// On a bridge of its own. `settings`: after those of all lines.
    pub fn start(url: &StoreUrl, settings: &'static str) -> Result<Self, LogError> {
        let no_thread = |error| Trouble::Away(format!("no thread for it: {error}")).fault("opening", url);
        let bridge = Bridge::start().map_err(no_thread)?;
        Ok(Self { bridge: Arc::new(bridge), url: url.clone(), settings, client: None, failed: false })
    }

    /// Another connection like this one, on the same bridge.
    pub fn another(&self) -> Self {
        let (bridge, url) = (self.bridge.clone(), self.url.clone());
        Self { bridge, url, settings: self.settings, client: None, failed: false }
    }

    /// Asks on the connection, which is made first where there is none.
    pub fn ask<T, F>(&mut self, question: impl FnOnce(Arc<Client>) -> F + Send + 'static) -> Result<T, Trouble>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, tokio_postgres::Error>> + Send + 'static,
    {
        self.ask_for(ANSWER, question)
    }

    /// As `ask`, for what may take longer.
    pub fn ask_for<T, F>(
        &mut self,
        limit: Duration,
        question: impl FnOnce(Arc<Client>) -> F + Send + 'static,
    ) -> Result<T, Trouble>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, tokio_postgres::Error>> + Send + 'static,
    {
        let client = self.connected()?;
        let answered = self.bridge.wait(async move { within(limit, question(client)).await });
        if matches!(answered, Err(Trouble::Lost(_))) {
            self.lose();
        }
        answered
    }

    /// Who asks next gets a new connection.
    pub fn lose(&mut self) {
        self.client = None;
    }

    /// The connection, made first where there is none.
    pub fn connected(&mut self) -> Result<Arc<Client>, Trouble> {
        if let Some(client) = self.client.as_ref().filter(|it| !it.is_closed()) {
            return Ok(client.clone());
        }
        let (url, settings, again) = (self.url.clone(), self.settings, self.failed);
        let made = self.bridge.wait(async move {
            if again {
                sleep(AGAIN).await;
            }
            let client = connect(&url).await?;
            within(ANSWER, client.batch_execute(settings)).await.map(|()| client)
        });
        self.failed = made.is_err();
        let client = Arc::new(made?);
        self.client = Some(client.clone());
        Ok(client)
    }
}

/// A new connection, set as ours are.
pub(super) async fn connect(url: &StoreUrl) -> Result<Client, Trouble> {
    let away = |why: Trouble| match why {
        Trouble::Lost(why) | Trouble::Away(why) | Trouble::Said { why, .. } => Trouble::Away(why),
    };
    let mut config = url.config.clone();
    config.connect_timeout(CONNECT).application_name("tidewatch");
    // A line that nobody uses for hours, such as the one of sign-ins, may be forgotten by what lies between.
    config.keepalives_idle(KEEPALIVE).keepalives_interval(KEEPALIVE).tcp_user_timeout(ANSWER);
    let client = match &url.security {
        Security::Plain => {
            config.ssl_mode(SslMode::Disable);
            begin(&config, NoTls).await
        }
        Security::Verified { roots } => {
            config.ssl_mode(SslMode::Require);
            let trusted = tls::trusting(roots.as_deref()).map_err(|why| Trouble::Away(why.to_string()))?;
            begin(&config, MakeRustlsConnect::new(trusted)).await
        }
    };
    let client = client.map_err(away)?;
    within(ANSWER, client.batch_execute(SETTINGS)).await.map_err(away)?;
    Ok(client)
}

/// Connects, and lets the connection live on a task of its own.
async fn begin<T>(config: &Config, tls: T) -> Result<Client, Trouble>
where
    T: MakeTlsConnect<Socket, Stream: Send + 'static>,
{
    let (client, connection) = within(ANSWER, config.connect(tls)).await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!("A line to PostgreSQL has ended: {}", whole(&error));
        }
    });
    Ok(client)
}

pub(super) async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, Trouble> {
    match timeout(limit, work).await {
        Ok(answered) => answered.map_err(|error| Trouble::of(&error)),
        Err(_) => Err(Trouble::Lost(format!("nothing within {} s", limit.as_secs()))),
    }
}
