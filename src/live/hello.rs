//! The hello: the first word on every websocket, and whether whoever says it may be there.
//! Waits as long as it may take, and not longer. What else a hello asks for is its reader's.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::context::LiveContext;
use super::socket::{Farewell, Incoming, Socket};
use crate::registry::Account;

/// Who has not said at the upgrade who they are says so by then.
pub const TOKEN_MAX: Duration = Duration::from_secs(5);

/// What one kind of client says first.
pub trait Hello: Sized {
    /// Whether an account may say it at all.
    fn may(account: &Account) -> bool;

    /// `None` where the text is another message.
    fn read(text: &str) -> Option<Self>;

    fn token(&mut self) -> Option<String>;
}

/// What came first.
pub enum First<H> {
    Hello(H),
    Other(Incoming),
    Nothing,
}

/// Who is there, and what they said first. `known`: whoever was identified at the upgrade, who has `patience` to say
/// something; anybody else says hello with a token, at once.
pub async fn meet<H: Hello>(
    socket: &mut Socket,
    context: &LiveContext,
    known: Option<Arc<Account>>,
    patience: Duration,
) -> Result<(Arc<Account>, First<H>), Farewell> {
    let limit = if known.is_some() { patience } else { TOKEN_MAX };
    let mut first = match timeout(limit, socket.receive()).await {
        Ok(incoming) => told::<H>(incoming?),
        Err(_) => First::Nothing,
    };
    let token = match &mut first {
        First::Hello(hello) => hello.token(),
        First::Other(_) | First::Nothing => None,
    };
    let account = match (known, token) {
        (Some(account), _) => account,
        (None, Some(token)) => (context.identify)(token).await.ok_or(Farewell::UNAUTHORIZED)?,
        (None, None) => return Err(Farewell::UNAUTHORIZED),
    };
    if H::may(&account) { Ok((account, first)) } else { Err(Farewell::FORBIDDEN) }
}

fn told<H: Hello>(incoming: Incoming) -> First<H> {
    let hello = match &incoming {
        Incoming::Text(text) => H::read(text),
        Incoming::Binary => None,
    };
    hello.map_or(First::Other(incoming), First::Hello)
}
